"""What the embedded engine's store holds of each training in memory, a column a key.

Rows are numbered by folded title, then id: the order in which trainings come when nothing else parts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
from pydantic import TypeAdapter

from services.catalogue.engine.distance import measured_km
from services.catalogue.engine.grid import on_grid
from services.catalogue.text.formation_tokens import IndexedFormation
from services.france.geo import Point, Zone, bounding_box
from services.france.geo_columns import Floats

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]

NO_CODE = -1
_ARRAYS = "columns.npz"
_NAMES = "names.json"
_BOX_MARGIN_KM = 0.001
"""Keeps the rounding of boxes and places from cutting off the edge of the circle, which is exact."""

_NAMES_TYPE = TypeAdapter(dict[str, list[str]])


def box_around(origin: Point, rayon_km: float) -> tuple[Point, Point]:
    """South-west and north-east corners of a box that holds the whole circle, and little more."""
    return bounding_box(origin, rayon_km + _BOX_MARGIN_KM)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A column of which each row has one value at most, as the number of its name."""

    names: Sequence[str]
    codes: Codes

    def counts(self, rows: Rows) -> npt.NDArray[np.int64]:
        """By number of name, of these rows."""
        codes = self.codes[rows]
        return np.bincount(codes[codes != NO_CODE], minlength=len(self.names))

    def holds(self, rows: Rows, wanted: Iterable[str]) -> Flags:
        """Whether each of these rows has one of these names."""
        return np.asarray(np.isin(self.codes[rows], _numbers(self.names, wanted)))


@dataclass(frozen=True, slots=True)
class SomeOf:
    """A column of which each row has any number of values, each once."""

    names: Sequence[str]
    starts: Rows
    """Where the values of each row begin; one more, where those of the last one end."""
    codes: Codes

    def counts(self, rows: Rows) -> npt.NDArray[np.int64]:
        """By number of name, of these rows."""
        _, codes = self._of(rows)
        return np.bincount(codes, minlength=len(self.names))

    def holds(self, rows: Rows, wanted: Iterable[str]) -> Flags:
        """Whether each of these rows has one of these names."""
        owners, codes = self._of(rows)
        found = np.zeros(len(rows), dtype=np.bool_)
        found[owners[np.isin(codes, _numbers(self.names, wanted))]] = True
        return found

    def _of(self, rows: Rows) -> tuple[Rows, Codes]:
        """The values of these rows, each with the place of its row among them."""
        starts = self.starts[rows]
        lengths = self.starts[rows + 1] - starts
        owners = np.repeat(np.arange(len(rows)), lengths)
        before = np.cumsum(lengths) - lengths
        return owners, self.codes[np.arange(len(owners)) + np.repeat(starts - before, lengths)]


def _numbers(names: Sequence[str], wanted: Iterable[str]) -> Codes:
    asked = frozenset(wanted)
    return np.array([number for number, name in enumerate(names) if name in asked], dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Columns:
    """Of all trainings; arrays of the same length."""

    latitudes: Floats
    """Degrees; NaN where the place is unknown."""
    longitudes: Floats
    niveaux: npt.NDArray[np.int8]
    mots: npt.NDArray[np.int32]
    first_months: npt.NDArray[np.int32]
    qualiopi: Flags
    """False where it is unknown."""
    diplomes: OneOf
    departements: OneOf
    domaines: SomeOf
    """Letter and two digits."""
    mois: SomeOf

    def __len__(self) -> int:
        return len(self.niveaux)

    def in_box(self, origin: Point, rayon_km: float) -> Rows:
        """The rows of the box around a circle."""
        south_west, north_east = box_around(origin, rayon_km)
        band = np.flatnonzero(
            (self.latitudes >= south_west.latitude) & (self.latitudes <= north_east.latitude)
        )
        longitudes = self.longitudes[band]
        return band[(longitudes >= south_west.longitude) & (longitudes <= north_east.longitude)]

    def distances_km(self, zone: Zone, rows: Rows) -> Floats | None:
        """Of each row; infinite where the place is unknown. None when the zone has no origin."""
        if zone.origin is None:
            return None
        return measured_km(zone.origin, self.latitudes[rows], self.longitudes[rows])


def write_columns(folder: Path, in_order: Sequence[IndexedFormation]) -> None:
    """The columns of the trainings, given in the order of their rows."""
    formations = [each.formation for each in in_order]
    points = [each.lieu.point for each in formations]
    latitudes, longitudes = on_grid(
        np.array([point.latitude if point else np.nan for point in points], dtype=np.float64),
        np.array([point.longitude if point else np.nan for point in points], dtype=np.float64),
    )
    diplomes, diplome_codes = _one_of([each.diplome for each in formations])
    departements, departement_codes = _one_of([each.lieu.departement for each in formations])
    domaines, domaine_starts, domaine_codes = _some_of(
        [[code for code in each.domaines if len(code) == 3] for each in in_order]
    )
    mois, mois_starts, mois_codes = _some_of([each.sessions for each in formations])
    np.savez(
        folder / _ARRAYS,
        latitudes=latitudes,
        longitudes=longitudes,
        niveaux=np.array([each.niveau for each in formations], dtype=np.int8),
        mots=np.array([each.mots for each in in_order], dtype=np.int32),
        first_months=np.array([each.first_month for each in in_order], dtype=np.int32),
        qualiopi=np.array([each.etablissement.qualiopi is True for each in formations], dtype=np.bool_),
        diplome_codes=diplome_codes,
        departement_codes=departement_codes,
        domaine_starts=domaine_starts,
        domaine_codes=domaine_codes,
        mois_starts=mois_starts,
        mois_codes=mois_codes,
    )
    names = {"diplomes": diplomes, "departements": departements, "domaines": domaines, "mois": mois}
    (folder / _NAMES).write_bytes(orjson.dumps(names))


def read_columns(folder: Path) -> Columns:
    """What `write_columns` wrote. Raises OSError, KeyError or ValueError when it is not whole."""
    names = _NAMES_TYPE.validate_json((folder / _NAMES).read_bytes())
    # NumPy does not close a file that it opened and could not read.
    with (folder / _ARRAYS).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return Columns(
            latitudes=arrays["latitudes"],
            longitudes=arrays["longitudes"],
            niveaux=arrays["niveaux"],
            mots=arrays["mots"],
            first_months=arrays["first_months"],
            qualiopi=arrays["qualiopi"],
            diplomes=OneOf(names["diplomes"], arrays["diplome_codes"]),
            departements=OneOf(names["departements"], arrays["departement_codes"]),
            domaines=SomeOf(names["domaines"], arrays["domaine_starts"], arrays["domaine_codes"]),
            mois=SomeOf(names["mois"], arrays["mois_starts"], arrays["mois_codes"]),
        )


def _one_of(values: Sequence[str | None]) -> tuple[list[str], Codes]:
    names = sorted({value for value in values if value})
    numbers = {name: number for number, name in enumerate(names)}
    return names, np.array([numbers[value] if value else NO_CODE for value in values], dtype=np.int32)


def _some_of(values: Sequence[Iterable[str]]) -> tuple[list[str], Rows, Codes]:
    each_once = [sorted(set(of_row)) for of_row in values]
    names = sorted({name for of_row in each_once for name in of_row})
    numbers = {name: number for number, name in enumerate(names)}
    starts = np.concatenate(([0], np.cumsum([len(of_row) for of_row in each_once], dtype=np.int64)))
    codes = np.array([numbers[name] for of_row in each_once for name in of_row], dtype=np.int32)
    return names, starts.astype(np.int64), codes
