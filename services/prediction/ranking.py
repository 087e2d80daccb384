"""Who is likely to hire for a job in a zone: the search over whole columns, and its order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.france.geo import Point, Zone, bounding_box
from services.france.geo_columns import distances_km
from services.prediction.recruteur import Criteria, Match, Page, Position, Sort
from services.prediction.score import Curve
from services.prediction.table import Table

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_BOX_MARGIN = 1.0001
"""The box only spares distances: it must not cut a row that is on the very edge of the circle."""


@dataclass(frozen=True, slots=True)
class _Found:
    """Rows that match, in the order of their SIRET, with what they are ordered by."""

    rows: Ints
    scores: npt.NDArray[np.int32]
    distances: Floats | None

    def __getitem__(self, chosen: Ints | npt.NDArray[np.bool_]) -> _Found:
        distances = None if self.distances is None else self.distances[chosen]
        return _Found(self.rows[chosen], self.scores[chosen], distances)


class Ranking:
    """The employers of one generation with the predictions of one model."""

    def __init__(self, table: Table, predicted: Floats, curve: Curve) -> None:
        """`predicted` holds the hirings expected of each row of the table."""
        self.table = table
        self.predicted = predicted
        self.curve = curve
        self.scores = curve.score(predicted)
        self.affinities = table.affinities()
        self._worth = curve.hirings(self.scores)
        self._naf = table.codes["naf"].rows

    def search(self, criteria: Criteria) -> Page:
        found = self._find(criteria)
        rest = found if criteria.after is None else found[self._follows(found, criteria.after, criteria.sort)]
        order = _order(rest, criteria.sort)[: criteria.first]
        page = rest[order]
        return Page(
            matches=self._matches(page, criteria),
            total_count=len(found.rows),
            has_next_page=len(rest.rows) > len(page.rows),
        )

    def affinity(self, row: int, rome: str) -> float:
        """Share of the job in the hirings of the row's sector; 0 when the pair is unknown."""
        return float(self.affinities.shares(rome)[self._naf[row]])

    def score_for_job(self, row: int, rome: str) -> int:
        """Score for one job; the general one when the pair is unknown."""
        affinity = self.affinity(row, rome)
        return int(self.curve.score(self._worth[row] * affinity) if affinity else self.scores[row])

    def _find(self, criteria: Criteria) -> _Found:
        affinities = self.affinities.best(criteria.romes)
        hires = (affinities > 0)[self._naf]
        rows, distances = self._within(criteria.zone, hires)
        scores = self.curve.score(self._worth[rows] * affinities[self._naf[rows]])
        return _Found(rows, scores, distances)[scores >= criteria.score_min]

    def _within(self, zone: Zone, hires: npt.NDArray[np.bool_]) -> tuple[Ints, Floats | None]:
        table = self.table
        if zone.communes:
            hires &= table.codes["code_insee"].among(zone.communes)
        if zone.departements:
            hires &= table.codes["departement"].among(zone.departements)
        rows = np.flatnonzero(hires)
        if zone.origin is None:
            return rows, None
        if zone.rayon_km is not None:
            rows = rows[self._in_box(zone.origin, zone.rayon_km, rows)]
        distances = distances_km(zone.origin, table.latitude[rows], table.longitude[rows])
        if zone.rayon_km is None:
            return rows, distances
        inside = distances <= zone.rayon_km
        return rows[inside], distances[inside]

    def _in_box(self, origin: Point, rayon_km: float, rows: Ints) -> npt.NDArray[np.bool_]:
        low, high = bounding_box(origin, rayon_km * _BOX_MARGIN)
        latitudes, longitudes = self.table.latitude[rows], self.table.longitude[rows]
        inside = (latitudes >= low.latitude) & (latitudes <= high.latitude)
        if low.longitude > -180 and high.longitude < 180:
            inside &= (longitudes >= low.longitude) & (longitudes <= high.longitude)
        return inside

    def _follows(self, found: _Found, after: Position, sort: Sort) -> npt.NDArray[np.bool_]:
        # From the last key of the order to the first: beyond in this one, or equal and beyond in the rest.
        follows = found.rows >= self.table.first_row_after(after.siret)
        by_score = [(-found.scores.astype(np.float64), -float(after.score))]
        by_distance = (
            []
            if found.distances is None or after.distance_km is None
            else [(found.distances, after.distance_km)]
        )
        keys = by_distance + by_score if sort is Sort.DISTANCE else by_score + by_distance
        for column, value in reversed(keys):
            follows = (column > value) | ((column == value) & follows)
        return follows

    def _matches(self, page: _Found, criteria: Criteria) -> tuple[Match, ...]:
        distances = [None] * len(page.rows) if page.distances is None else page.distances.tolist()
        sirets = [self.table.siret[row].decode() for row in page.rows]
        positions = map(Position, distances, page.scores.tolist(), sirets)
        return tuple(map(Match, page.rows.tolist(), positions, self._romes(page.rows, criteria)))

    def _romes(self, rows: Ints, criteria: Criteria) -> list[tuple[str, ...]]:
        romes = sorted(criteria.romes)
        shares = np.array([self.affinities.shares(rome)[self._naf[rows]] for rome in romes])
        good = (shares > 0) & (self.curve.score(self._worth[rows] * shares) >= criteria.score_min)
        best_first = np.argsort(-shares, axis=0, kind="stable")
        return [
            tuple(romes[job] for job in best_first[:, place] if good[job, place])
            for place in range(len(rows))
        ]


def _order(found: _Found, sort: Sort) -> Ints:
    # lexsort takes its first key last, and leaves equals in the order of their SIRET.
    if found.distances is None:
        return np.argsort(-found.scores, kind="stable")
    if sort is Sort.DISTANCE:
        return np.lexsort((-found.scores, found.distances))
    return np.lexsort((found.distances, -found.scores))
