"""The nouns of this service: an employer who may hire, why, and what a search asks for and finds."""

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
    """An employer at one address; what is unknown of it is None."""

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
    """Order of a search; the next keys and the SIRET decide between equals."""

    DISTANCE = "distance"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a row stands in the order of its search; no distance where nothing is measured."""

    distance_km: float | None
    score: int
    siret: str


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a search asks for; the zone's origin is there when `sort` is DISTANCE."""

    romes: tuple[str, ...]
    zone: Zone
    sort: Sort
    score_min: int
    first: int
    after: Position | None


@dataclass(frozen=True, slots=True)
class Match:
    """A row that a search found, by its number in the table."""

    row: int
    position: Position
    romes: tuple[str, ...]
    """The codes asked for that reach the threshold, best first."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search."""

    matches: tuple[Match, ...]
    total_count: int
    has_next_page: bool
