"""A training, what it can be searched by, and what a search finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from services.catalogue.etablissement import Etablissement, Lieu
from services.catalogue.text import fold
from services.common.geo import Zone

NIVEAUX = (3, 4, 5, 6, 7)
"""Levels of the French framework in use for apprenticeship; 0 stands for an unknown one."""


@dataclass(frozen=True, slots=True)
class Formation:
    """A training given at one place by one organisation."""

    id: str
    intitule: str
    niveau: int
    etablissement: Etablissement
    lieu: Lieu
    source: str
    romes: tuple[str, ...] = ()
    diplome: str | None = None
    cfd: str | None = None
    rncp: str | None = None
    intitule_rncp: str | None = None
    gestionnaire_siret: str | None = None
    sessions: tuple[str, ...] = ()
    """Months in which it starts, `YYYY-MM`, ascending."""
    maj_le: str | None = None
    fictive: bool = False

    def sort_key(self) -> tuple[str, str]:
        """What trainings at the same distance are ordered by."""
        return fold(self.intitule), self.id

    def sessions_from(self, today: date) -> tuple[str, ...]:
        """The sessions that are not in the past; the current month is not."""
        return tuple(month for month in self.sessions if month >= _month(today))


def shift_sessions(months: Iterable[str], today: date) -> tuple[str, ...]:
    """Each month of the past moved by whole years to the first one that is not, all in order.

    A training starts in the same months each year; an old export tells which.
    """
    current = _month(today)
    return tuple(sorted({_shift(month, current) for month in months}))


def _shift(month: str, current: str) -> str:
    if month >= current:
        return month
    year, in_year = current.split("-")
    same_year = f"{year}{month[4:]}"
    return same_year if month[5:] >= in_year else f"{int(year) + 1}{month[4:]}"


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


@dataclass(frozen=True, slots=True)
class FormationCriteria:
    """What to search for; each part narrows, and an empty one does not."""

    romes: frozenset[str] = field(default_factory=frozenset)
    """Any of them."""
    rome_domaine: str | None = None
    """How a ROME code begins: a letter, or a letter and two digits."""
    rncps: frozenset[str] = field(default_factory=frozenset)
    niveau: int = 0
    zone: Zone = field(default_factory=Zone)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a row stands in the order of a search: distance, then folded title, then id."""

    distance_km: float | None
    """None without an origin, or for a training without coordinates, which comes last."""
    title: str
    id: str


@dataclass(frozen=True, slots=True)
class PageWanted:
    """Which part of the rows to give, and whether to count the facets of all of them."""

    first: int
    after: Position | None = None
    with_facets: bool = False


@dataclass(frozen=True, slots=True)
class FoundFormation:
    """A training as a search found it."""

    formation: Formation
    position: Position


@dataclass(frozen=True, slots=True)
class FormationPage:
    """One page of a search, and what is known of the whole of it."""

    rows: tuple[FoundFormation, ...]
    total: int
    has_next: bool
    niveaux: tuple[tuple[int, int], ...] | None = None
    """Trainings by level, without the filter on the level; None when not asked for."""
    plus_proches: tuple[FoundFormation, ...] = ()
    """When nothing is within the radius, the nearest that meet the other criteria."""
