"""Which needs a search finds, and in what order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.france.geo import Point, Zone, distance_km

Key = tuple[float | int, str]


class Sort(StrEnum):
    """Order of the rows; equal ones are in the order of their ids."""

    DISTANCE = "DISTANCE"
    DATE = "DATE"


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is searched for. `sort` is DATE whenever the zone has no origin."""

    romes: tuple[str, ...]
    zone: Zone
    sort: Sort
    niveau: int | None = None
    first: int = 20
    after: Key | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """As much of a need as says whether and where it stands in the answer."""

    id: str
    point: Point
    cree_le: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """A need's place in the answer."""

    key: Key
    distance_km: float | None

    @property
    def id(self) -> str:
        return self.key[1]


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, among how many."""

    rows: list[Row]
    total_count: int
    has_next_page: bool


def page_of(candidates: Iterable[Candidate], criteria: Criteria) -> Page:
    """The page wanted of the candidates that are within the zone's circle, if it has one."""
    rows = sorted(_rows(candidates, criteria), key=lambda row: row.key)
    start = 0 if criteria.after is None else bisect_right(rows, criteria.after, key=lambda row: row.key)
    end = start + criteria.first
    return Page(rows[start:end], len(rows), end < len(rows))


def _rows(candidates: Iterable[Candidate], criteria: Criteria) -> Iterable[Row]:
    origin, rayon_km = criteria.zone.origin, criteria.zone.rayon_km
    for candidate in candidates:
        distance = None if origin is None else distance_km(origin, candidate.point)
        if rayon_km is not None and distance is not None and distance > rayon_km:
            continue
        if criteria.sort is Sort.DISTANCE and distance is not None:
            yield Row((distance, candidate.id), distance)
        else:
            # MongoDB keeps milliseconds: as whole numbers they compare and travel exactly.
            yield Row((-round(candidate.cree_le.timestamp() * 1000), candidate.id), distance)
