"""Sorts the rows of a search over columns in memory, and selects the rows of a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.catalogue.criteria import FormationSort, Position
from services.catalogue.engine.distance import padded_radius_km
from services.catalogue.engine.tantivy.columns import Columns, Flags, Rows
from services.france.geo import Zone
from services.france.geo_columns import Floats

Scores = npt.NDArray[np.int64]
_Key = npt.NDArray[Any]

_FULL_SORT_ROWS = 1_000
"""Up to this number of rows, a full sort is faster than partitioning first."""


@dataclass(frozen=True, slots=True)
class FoundRows:
    """The rows of a search, unordered, with their sort keys."""

    columns: Columns
    rows: Rows
    scores: Scores | None
    """None without a text."""
    distances: Floats | None
    """Infinite where the place is unknown; None when the zone has no origin."""

    @classmethod
    def in_zone(cls, columns: Columns, zone: Zone, rows: Rows, scores: Scores | None) -> FoundRows:
        """The given rows with their distances from the origin of the zone; none is filtered out."""
        return cls(columns, rows, scores, columns.distances_km(zone, rows))

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, kept: Flags) -> FoundRows:
        return FoundRows(
            self.columns,
            self.rows[kept],
            None if self.scores is None else self.scores[kept],
            None if self.distances is None else self.distances[kept],
        )

    def within(self, rayon_km: float) -> Flags:
        if self.distances is None:
            raise ValueError("a radius needs a zone with an origin")
        return self.distances <= padded_radius_km(rayon_km)

    def with_known_distance(self) -> FoundRows:
        return self if self.distances is None else self.where(np.isfinite(self.distances))

    def after(self, sort: FormationSort, position: Position, next_row: Callable[[], int]) -> FoundRows:
        """The rows that follow a position in the order; the row of the position need not exist any more.

        `next_row` gives the first row after the title and id of the position.
        """
        follows = self.rows >= next_row()
        keyed = zip(self._keys(sort), self._key_of(sort, position), strict=True)
        for column, value in reversed(list(keyed)):
            follows = (column > value) | ((column == value) & follows)
        return self.where(follows)

    def first(self, sort: FormationSort, count: int) -> list[int]:
        """The indexes in `rows` of the first rows of the order, sorted."""
        keys = [*self._keys(sort), self.rows]
        indexes = _top(keys, np.arange(len(self)), count)
        order = np.lexsort([key[indexes] for key in reversed(keys)])
        return [int(index) for index in indexes[order][:count]]

    def _keys(self, sort: FormationSort) -> list[_Key]:
        keys: list[_Key] = []
        if sort is FormationSort.RELEVANCE and self.scores is not None:
            keys += [-self.scores, self.columns.mots[self.rows]]
        elif sort is FormationSort.START:
            keys.append(self.columns.first_months[self.rows])
        return keys if self.distances is None else [*keys, self.distances]

    def _key_of(self, sort: FormationSort, position: Position) -> list[float]:
        key: list[float] = []
        if sort is FormationSort.RELEVANCE and self.scores is not None:
            key += [-position.score, position.mots]
        elif sort is FormationSort.START:
            key.append(position.first_month)
        if self.distances is None:
            return key
        return [*key, np.inf if position.distance_km is None else position.distance_km]


def _top(keys: list[_Key], indexes: Rows, count: int) -> Rows:
    """At least the `count` first indexes by the keys, unordered, found by partition without a full sort."""
    selected = [indexes[:0]]
    for key in keys:
        if len(indexes) <= max(count, _FULL_SORT_ROWS):
            break
        values = key[indexes]
        last = np.partition(values, count - 1)[count - 1] if count else values.min()
        before = indexes[values < last]
        selected.append(before)
        count -= len(before)
        # These rows tie on this key; the next key decides which of them are among the first.
        indexes = indexes[values == last]
    return np.concatenate([*selected, indexes])
