"""The one order of a search, over columns in memory: distance, then folded title, then id."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.catalogue.formation import Position
from services.common.geo import Zone
from services.common.geo_columns import Floats, distances_km

_Rows = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Columns:
    """What is needed of each row before it is read; rows are numbered by title, then id."""

    latitudes: Floats
    """Degrees; NaN where the place is unknown."""
    longitudes: Floats
    niveaux: npt.NDArray[np.int8]
    keys: Sequence[tuple[str, str]]
    """Folded title and id of each row, ascending."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Rows of a search, with their distances; `numbers` are their places among the rows first given."""

    columns: Columns
    numbers: _Rows
    rows: _Rows
    distances: Floats | None
    """Infinite where the place is unknown; None when the zone has no origin."""

    @classmethod
    def of(cls, columns: Columns, rows: _Rows, zone: Zone, *, within_radius: bool = True) -> Ordered:
        """The rows, ascending as they are given, or those within the zone's radius."""
        numbers = np.arange(len(rows))
        if zone.origin is None:
            return cls(columns, numbers, rows, None)
        distances = distances_km(zone.origin, columns.latitudes[rows], columns.longitudes[rows])
        distances = np.where(np.isnan(distances), np.inf, distances)
        everything = cls(columns, numbers, rows, distances)
        if zone.radius_km is None or not within_radius:
            return everything
        return everything.where(distances <= zone.radius_km)

    def __len__(self) -> int:
        return len(self.rows)

    def niveaux(self) -> npt.NDArray[np.int8]:
        return self.columns.niveaux[self.rows]

    def where(self, kept: _Flags) -> Ordered:
        distances = None if self.distances is None else self.distances[kept]
        return Ordered(self.columns, self.numbers[kept], self.rows[kept], distances)

    def placed(self) -> Ordered:
        """Those whose distance is known."""
        return self if self.distances is None else self.where(np.isfinite(self.distances))

    def past(self, position: Position) -> Ordered:
        """Those that come after a position, whether its row still exists or not."""
        next_row = bisect_right(self.columns.keys, (position.title, position.id))
        later = self.rows >= next_row
        if self.distances is None:
            return self.where(later)
        distance = np.inf if position.distance_km is None else position.distance_km
        return self.where((self.distances > distance) | ((self.distances == distance) & later))

    def first(self, count: int) -> Iterator[tuple[int, Position]]:
        """The number and the position of the first rows, in order."""
        if self.distances is None:
            order = np.arange(min(count, len(self)))
        else:
            # Rows are numbered by title and id, which a stable sort keeps among equal distances.
            order = np.argsort(self.distances, kind="stable")[:count]
        for place in order:
            distance = None if self.distances is None else float(self.distances[place])
            title, identifier = self.columns.keys[self.rows[place]]
            known = distance if distance is None or np.isfinite(distance) else None
            yield int(self.numbers[place]), Position(known, title, identifier)
