"""Selects and orders the needs of a search."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.france.geo import Point, Zone, distance_km

Key = tuple[float | int, str]


class Sort(StrEnum):
    """The order of the rows; equal rows are ordered by id."""

    DISTANCE = "DISTANCE"
    DATE = "DATE"


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria of a search. `sort` is DATE if the zone has no origin."""

    romes: tuple[str, ...]
    zone: Zone
    sort: Sort
    niveau: int | None = None
    first: int = 20
    after: Key | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """The fields of a need that decide whether it matches, and its position among the rows."""

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
    """One page of rows, and the total."""

    rows: list[Row]
    total_count: int
    has_next_page: bool


def page_of(candidates: Iterable[Candidate], criteria: Criteria) -> Page:
    """The requested page of the candidates inside the circle of the zone, if it has one."""
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
            # MongoDB stores milliseconds. Integers compare exactly, also when they come back from a cursor.
            yield Row((-round(candidate.cree_le.timestamp() * 1000), candidate.id), distance)
