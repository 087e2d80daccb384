"""The columns of the trainings that the embedded engine keeps in memory for distances, order and facets.

Rows are numbered by folded title, then id, which is the final sort key of every order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
from pydantic import TypeAdapter

from services.catalogue.engine.distance import distances_km
from services.catalogue.engine.grid import round_to_grid
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
"""Widens the box, so that its rounding excludes no place on the edge of the circle."""

_NAMES_TYPE = TypeAdapter(dict[str, list[str]])


def box_around(origin: Point, rayon_km: float) -> tuple[Point, Point]:
    """South-west and north-east corners of a box that contains the whole circle with a small margin."""
    return bounding_box(origin, rayon_km + _BOX_MARGIN_KM)


@dataclass(frozen=True, slots=True)
class SingleValueColumn:
    """A column where each row has one value or none."""

    names: Sequence[str]
    """The distinct values, ascending."""
    codes: Codes
    """For each row, the index of its value in `names`, or NO_CODE."""

    def counts(self, rows: Rows) -> npt.NDArray[np.int64]:
        """For each of `names`, the number of these rows that have it."""
        codes = self.codes[rows]
        return np.bincount(codes[codes != NO_CODE], minlength=len(self.names))

    def has_any(self, rows: Rows, wanted: Iterable[str]) -> Flags:
        """For each of these rows, whether it has one of the wanted values."""
        return np.asarray(np.isin(self.codes[rows], _codes_of(self.names, wanted)))


@dataclass(frozen=True, slots=True)
class MultiValueColumn:
    """A column where each row has any number of distinct values."""

    names: Sequence[str]
    """The distinct values, ascending."""
    starts: Rows
    """Row r has the values codes[starts[r]:starts[r + 1]], so there is one more start than rows."""
    codes: Codes

    def counts(self, rows: Rows) -> npt.NDArray[np.int64]:
        """For each of `names`, the number of these rows that have it."""
        _, codes = self._values_of(rows)
        return np.bincount(codes, minlength=len(self.names))

    def has_any(self, rows: Rows, wanted: Iterable[str]) -> Flags:
        """For each of these rows, whether it has one of the wanted values."""
        owners, codes = self._values_of(rows)
        found = np.zeros(len(rows), dtype=np.bool_)
        found[owners[np.isin(codes, _codes_of(self.names, wanted))]] = True
        return found

    def _values_of(self, rows: Rows) -> tuple[Rows, Codes]:
        """The codes of these rows, each with the position of its row in `rows`."""
        starts = self.starts[rows]
        lengths = self.starts[rows + 1] - starts
        owners = np.repeat(np.arange(len(rows)), lengths)
        before = np.cumsum(lengths) - lengths
        return owners, self.codes[np.arange(len(owners)) + np.repeat(starts - before, lengths)]


def _codes_of(names: Sequence[str], wanted: Iterable[str]) -> Codes:
    wanted = frozenset(wanted)
    return np.array([code for code, name in enumerate(names) if name in wanted], dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of all trainings, all of the same length."""

    latitudes: Floats
    """Degrees on the grid; NaN where the place is unknown, as in `longitudes`."""
    longitudes: Floats
    niveaux: npt.NDArray[np.int8]
    mots: npt.NDArray[np.int32]
    first_months: npt.NDArray[np.int32]
    qualiopi: Flags
    """False where it is unknown."""
    diplomes: SingleValueColumn
    departements: SingleValueColumn
    domaines: MultiValueColumn
    """A letter and two digits."""
    mois: MultiValueColumn

    def __len__(self) -> int:
        return len(self.niveaux)

    def in_box(self, origin: Point, rayon_km: float) -> Rows:
        """The rows in the box around the circle."""
        south_west, north_east = box_around(origin, rayon_km)
        band = np.flatnonzero(
            (self.latitudes >= south_west.latitude) & (self.latitudes <= north_east.latitude)
        )
        longitudes = self.longitudes[band]
        return band[(longitudes >= south_west.longitude) & (longitudes <= north_east.longitude)]

    def distances_km(self, zone: Zone, rows: Rows) -> Floats | None:
        """The distance of each row, infinite where the place is unknown; None when the zone has no origin."""
        if zone.origin is None:
            return None
        return distances_km(zone.origin, self.latitudes[rows], self.longitudes[rows])


def write_columns(folder: Path, in_order: Sequence[IndexedFormation]) -> None:
    """Write the columns of the trainings, which must be in row order."""
    formations = [each.formation for each in in_order]
    points = [each.lieu.point for each in formations]
    latitudes, longitudes = round_to_grid(
        np.array([point.latitude if point else np.nan for point in points], dtype=np.float64),
        np.array([point.longitude if point else np.nan for point in points], dtype=np.float64),
    )
    diplomes, diplome_codes = _encode_single([each.diplome for each in formations])
    departements, departement_codes = _encode_single([each.lieu.departement for each in formations])
    domaines, domaine_starts, domaine_codes = _encode_multiple(
        [[code for code in each.domaines if len(code) == 3] for each in in_order]
    )
    mois, mois_starts, mois_codes = _encode_multiple([each.sessions for each in formations])
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
    """Read what `write_columns` wrote. Raises OSError, KeyError or ValueError when it is damaged."""
    names = _NAMES_TYPE.validate_json((folder / _NAMES).read_bytes())
    # Opened here, because np.load leaves a file open when it opened it by path and could not read it.
    with (folder / _ARRAYS).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return Columns(
            latitudes=arrays["latitudes"],
            longitudes=arrays["longitudes"],
            niveaux=arrays["niveaux"],
            mots=arrays["mots"],
            first_months=arrays["first_months"],
            qualiopi=arrays["qualiopi"],
            diplomes=SingleValueColumn(names["diplomes"], arrays["diplome_codes"]),
            departements=SingleValueColumn(names["departements"], arrays["departement_codes"]),
            domaines=MultiValueColumn(names["domaines"], arrays["domaine_starts"], arrays["domaine_codes"]),
            mois=MultiValueColumn(names["mois"], arrays["mois_starts"], arrays["mois_codes"]),
        )


def _encode_single(values: Sequence[str | None]) -> tuple[list[str], Codes]:
    names = sorted({value for value in values if value})
    code_by_name = {name: code for code, name in enumerate(names)}
    return names, np.array([code_by_name[value] if value else NO_CODE for value in values], dtype=np.int32)


def _encode_multiple(values: Sequence[Iterable[str]]) -> tuple[list[str], Rows, Codes]:
    distinct = [sorted(set(row_values)) for row_values in values]
    names = sorted({name for row_values in distinct for name in row_values})
    code_by_name = {name: code for code, name in enumerate(names)}
    starts = np.concatenate(([0], np.cumsum([len(row_values) for row_values in distinct], dtype=np.int64)))
    codes = np.array([code_by_name[name] for row_values in distinct for name in row_values], dtype=np.int32)
    return names, starts.astype(np.int64), codes
