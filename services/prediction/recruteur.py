"""Employers who may hire, the reasons of their scores, and the criteria and rows of a search."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from services.france.geo import Zone
from services.france.lieu import Lieu


@dataclass(frozen=True, slots=True)
class Naf:
    """A sector of activity."""

    code: str
    libelle: str


@dataclass(frozen=True, slots=True)
class Recruteur:
    """An employer at one address; unknown parts are None."""

    siret: str
    raison_sociale: str
    enseigne: str | None
    naf: Naf
    tranche_effectif: str | None
    lieu: Lieu


@dataclass(frozen=True, slots=True)
class Raison:
    """One reason for a score."""

    libelle: str
    poids: float


class Sort(Enum):
    """The order of a search. The other key, then the SIRET, decide between equal rows."""

    DISTANCE = "distance"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a row in the order of its search; distance_km is None if the zone has no origin."""

    distance_km: float | None
    score: int
    siret: str


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria of a search. The zone has an origin if `sort` is DISTANCE."""

    romes: tuple[str, ...]
    zone: Zone
    sort: Sort
    score_min: int
    first: int
    after: Position | None


@dataclass(frozen=True, slots=True)
class Match:
    """A row found by a search, by its number in the table."""

    row: int
    position: Position
    romes: tuple[str, ...]
    """The requested codes that reach the threshold, best first."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search."""

    matches: tuple[Match, ...]
    total_count: int
    has_next_page: bool
