"""The columns of the employers, written by an import and read by the service.

Rows ascend by SIRET, so the number of a row breaks ties as the SIRET would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from services.common.generation import Format
from services.france.geo import Point
from services.france.lieu import Lieu
from services.prediction.affinity import Affinities
from services.prediction.features import read_features
from services.prediction.recruteur import Naf, Recruteur

FORMAT = Format("1", "python -m services.prediction.load")

_FILE = "employers.npz"

Floats = npt.NDArray[np.float64]


class Texts:
    """A column of texts in one block of UTF-8 bytes. A text is decoded when it is read.

    The text of row r is block[ends[r]:ends[r + 1]], so there is one more end than rows.
    """

    def __init__(self, block: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> None:
        self.block = block
        self.ends = ends
        self._bytes = block.tobytes()

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        encoded = [text.encode() for text in texts]
        ends = np.cumsum([0, *(len(each) for each in encoded)], dtype=np.int64)
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), ends)

    def __getitem__(self, row: int) -> str:
        return self._bytes[self.ends[row] : self.ends[row + 1]].decode()


class Codes:
    """A column of short codes: `rows` has, for each row, the index of its code in `values`."""

    def __init__(self, values: npt.NDArray[np.str_], rows: npt.NDArray[np.int32]) -> None:
        self.values = values
        self.rows = rows
        self._numbers = {str(value): number for number, value in enumerate(values)}

    @classmethod
    def of(cls, codes: Sequence[str]) -> Codes:
        values, rows = np.unique(np.array(codes, dtype=np.str_), return_inverse=True)
        return cls(values, rows.astype(np.int32))

    def __getitem__(self, row: int) -> str:
        return str(self.values[self.rows[row]])

    def is_in(self, wanted: frozenset[str]) -> npt.NDArray[np.bool_]:
        """For each row, whether its code is one of the wanted ones."""
        chosen = np.zeros(len(self.values), dtype=np.bool_)
        chosen[[self._numbers[code] for code in wanted if code in self._numbers]] = True
        return chosen[self.rows]


_TEXTS = ("raison_sociale", "enseigne", "adresse", "commune")
_CODES = ("naf", "tranche_effectif", "code_postal", "code_insee", "departement")


@dataclass(frozen=True)
class Table:
    """All employers with their hirings, and the jobs of all sectors. An empty text means unknown."""

    siret: npt.NDArray[np.bytes_]
    texts: Mapping[str, Texts]
    codes: Mapping[str, Codes]
    latitude: Floats
    longitude: Floats
    history: npt.NDArray[np.int32]
    """Hirings: one row per employer, one column per half-year, oldest first."""
    effectif: Floats
    naf_libelles: Mapping[str, str]
    rome_libelles: Mapping[str, str]
    job_hirings: Mapping[tuple[str, str], int]
    """The hirings of all employers of France for each (rome, naf)."""
    fictive: bool
    """Whether the employers or their hirings are simulated."""

    def __len__(self) -> int:
        return len(self.siret)

    def row_of(self, siret: str) -> int | None:
        row = self.first_row_after(siret) - 1
        return row if row >= 0 and self.siret[row] == siret.encode() else None

    def first_row_after(self, siret: str) -> int:
        """The number of the first row with a greater SIRET."""
        return int(np.searchsorted(self.siret, np.bytes_(siret.encode()), side="right"))

    def features(self, rows: Sequence[int] | slice = slice(None)) -> Floats:
        """The inputs of the model for these rows; for all rows by default."""
        return read_features(self.history[rows], self.effectif[rows])

    def affinities(self) -> Affinities:
        return Affinities([str(naf) for naf in self.codes["naf"].values], self.job_hirings)

    def recruteur(self, row: int) -> Recruteur:
        naf = self.codes["naf"][row]
        return Recruteur(
            siret=self.siret[row].decode(),
            raison_sociale=self.texts["raison_sociale"][row],
            enseigne=self.texts["enseigne"][row] or None,
            naf=Naf(naf, self.naf_libelles[naf]),
            tranche_effectif=self.codes["tranche_effectif"][row] or None,
            lieu=self._lieu(row),
        )

    def _lieu(self, row: int) -> Lieu:
        return Lieu(
            adresse=self.texts["adresse"][row] or None,
            code_postal=self.codes["code_postal"][row] or None,
            insee=self.codes["code_insee"][row] or None,
            commune=self.texts["commune"][row] or None,
            departement=self.codes["departement"][row] or None,
            point=Point(float(self.latitude[row]), float(self.longitude[row])),
        )


def write_table(table: Table, folder: Path) -> None:
    arrays: dict[str, Any] = {
        "siret": table.siret,
        "latitude": table.latitude,
        "longitude": table.longitude,
        "history": table.history,
        "effectif": table.effectif,
        "naf_libelles": np.array(list(table.naf_libelles.items()), dtype=np.str_),
        "rome_libelles": np.array(list(table.rome_libelles.items()), dtype=np.str_),
        "job_pairs": np.array(list(table.job_hirings), dtype=np.str_),
        "job_hirings": np.array(list(table.job_hirings.values()), dtype=np.int64),
        "fictive": np.array(table.fictive),
    }
    for name in _TEXTS:
        arrays |= {f"{name}.block": table.texts[name].block, f"{name}.ends": table.texts[name].ends}
    for name in _CODES:
        arrays |= {f"{name}.values": table.codes[name].values, f"{name}.rows": table.codes[name].rows}
    np.savez(folder / _FILE, allow_pickle=False, **arrays)


def read_table(folder: Path) -> Table:
    """The table in a generation. A damaged file raises an exception of NumPy."""
    # np.load opens a file by name, but leaves it open when it cannot read it.
    with (folder / _FILE).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        return Table(
            siret=file["siret"],
            texts={name: Texts(file[f"{name}.block"], file[f"{name}.ends"]) for name in _TEXTS},
            codes={name: Codes(file[f"{name}.values"], file[f"{name}.rows"]) for name in _CODES},
            latitude=file["latitude"],
            longitude=file["longitude"],
            history=file["history"],
            effectif=file["effectif"],
            naf_libelles=dict(file["naf_libelles"].tolist()),
            rome_libelles=dict(file["rome_libelles"].tolist()),
            job_hirings={
                (rome, naf): count
                for (rome, naf), count in zip(
                    file["job_pairs"].tolist(), file["job_hirings"].tolist(), strict=True
                )
            },
            fictive=bool(file["fictive"]),
        )
