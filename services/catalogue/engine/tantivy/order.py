"""The orders of a search over columns in memory, and the part of it that a page is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.catalogue.criteria import FormationSort, Position
from services.catalogue.engine.distance import reach_km
from services.catalogue.engine.tantivy.columns import Columns, Flags, Rows
from services.france.geo import Zone
from services.france.geo_columns import Floats

Scores = npt.NDArray[np.int64]
_Key = npt.NDArray[Any]

_SORTED_WHOLE = 1_000
"""Up to here sorting all is quicker than looking for those that come first."""


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of a search, in no order, with what orders them."""

    columns: Columns
    rows: Rows
    scores: Scores | None
    """None without a text."""
    distances: Floats | None
    """Infinite where the place is unknown; None when the zone has no origin."""

    @classmethod
    def of(cls, columns: Columns, zone: Zone, rows: Rows, scores: Scores | None) -> Found:
        return cls(columns, rows, scores, columns.distances_km(zone, rows))

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, kept: Flags) -> Found:
        return Found(
            self.columns,
            self.rows[kept],
            None if self.scores is None else self.scores[kept],
            None if self.distances is None else self.distances[kept],
        )

    def within(self, rayon_km: float) -> Flags:
        if self.distances is None:
            raise ValueError("a radius is of a zone with an origin")
        return self.distances <= reach_km(rayon_km)

    def placed(self) -> Found:
        """Those whose distance is known."""
        return self if self.distances is None else self.where(np.isfinite(self.distances))

    def past(self, sort: FormationSort, position: Position, next_row: Callable[[], int]) -> Found:
        """Those that come after a position, whether its row still exists or not.

        `next_row` gives the first row after the title and id of the position.
        """
        beyond = self.rows >= next_row()
        keyed = zip(self._keys(sort), self._key_of(sort, position), strict=True)
        for column, value in reversed(list(keyed)):
            beyond = (column > value) | ((column == value) & beyond)
        return self.where(beyond)

    def first(self, sort: FormationSort, count: int) -> list[int]:
        """Places among the rows of those that come first, in order."""
        keys = [*self._keys(sort), self.rows]
        places = _leading(keys, np.arange(len(self)), count)
        order = np.lexsort([key[places] for key in reversed(keys)])
        return [int(place) for place in places[order][:count]]

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


def _leading(keys: list[_Key], places: Rows, count: int) -> Rows:
    """Places of those that come first by the keys, in no order, without sorting the others."""
    leading = [places[:0]]
    for key in keys:
        if len(places) <= max(count, _SORTED_WHOLE):
            break
        values = key[places]
        last = np.partition(values, count - 1)[count - 1] if count else values.min()
        before = places[values < last]
        leading.append(before)
        count -= len(before)
        # As many of these as are still wanted: the next key says which.
        places = places[values == last]
    return np.concatenate([*leading, places])
