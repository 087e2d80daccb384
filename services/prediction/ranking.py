"""Searches and ranks the employers that are likely to hire for a job in a zone, over whole columns."""

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
"""Widens the box that preselects rows, so that its rounding excludes no row on the edge of the circle."""


@dataclass(frozen=True, slots=True)
class _FoundRows:
    """The matching rows by ascending SIRET, with their sort keys."""

    rows: Ints
    scores: npt.NDArray[np.int32]
    distances: Floats | None

    def __getitem__(self, chosen: Ints | npt.NDArray[np.bool_]) -> _FoundRows:
        distances = None if self.distances is None else self.distances[chosen]
        return _FoundRows(self.rows[chosen], self.scores[chosen], distances)


class Ranking:
    """The employers of one generation with the predictions of one model."""

    def __init__(self, table: Table, predicted: Floats, curve: Curve) -> None:
        """`predicted` has the expected hirings of each row of the table."""
        self.table = table
        self.predicted = predicted
        self.curve = curve
        self.scores = curve.score(predicted)
        self.affinities = table.affinities()
        self._score_hirings = curve.hirings(self.scores)
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
        """The share of the job in the hirings of the row's sector, from 0 to 1; 0 for an unknown pair."""
        return float(self.affinities.shares(rome)[self._naf[row]])

    def score_for_job(self, row: int, rome: str) -> int:
        """The score for one job; the general score for an unknown pair."""
        affinity = self.affinity(row, rome)
        return int(self.curve.score(self._score_hirings[row] * affinity) if affinity else self.scores[row])

    def _find(self, criteria: Criteria) -> _FoundRows:
        affinities = self.affinities.best_shares(criteria.romes)
        hires = (affinities > 0)[self._naf]
        rows, distances = self._within(criteria.zone, hires)
        scores = self.curve.score(self._score_hirings[rows] * affinities[self._naf[rows]])
        return _FoundRows(rows, scores, distances)[scores >= criteria.score_min]

    def _within(self, zone: Zone, hires: npt.NDArray[np.bool_]) -> tuple[Ints, Floats | None]:
        table = self.table
        if zone.communes:
            hires &= table.codes["code_insee"].is_in(zone.communes)
        if zone.departements:
            hires &= table.codes["departement"].is_in(zone.departements)
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

    def _follows(self, found: _FoundRows, after: Position, sort: Sort) -> npt.NDArray[np.bool_]:
        # Compares from the last sort key to the first. A row follows when its key is greater, or when its key
        # is equal and it follows by the later keys.
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

    def _matches(self, page: _FoundRows, criteria: Criteria) -> tuple[Match, ...]:
        distances = [None] * len(page.rows) if page.distances is None else page.distances.tolist()
        sirets = [self.table.siret[row].decode() for row in page.rows]
        positions = map(Position, distances, page.scores.tolist(), sirets)
        return tuple(map(Match, page.rows.tolist(), positions, self._romes(page.rows, criteria)))

    def _romes(self, rows: Ints, criteria: Criteria) -> list[tuple[str, ...]]:
        romes = sorted(criteria.romes)
        shares = np.array([self.affinities.shares(rome)[self._naf[rows]] for rome in romes])
        good = (shares > 0) & (self.curve.score(self._score_hirings[rows] * shares) >= criteria.score_min)
        best_first = np.argsort(-shares, axis=0, kind="stable")
        return [
            tuple(romes[job] for job in best_first[:, place] if good[job, place])
            for place in range(len(rows))
        ]


def _order(found: _FoundRows, sort: Sort) -> Ints:
    # The last key of lexsort is its primary key. Ties keep the order of rows, which is that of the SIRETs.
    if found.distances is None:
        return np.argsort(-found.scores, kind="stable")
    if sort is Sort.DISTANCE:
        return np.lexsort((-found.scores, found.distances))
    return np.lexsort((found.distances, -found.scores))
