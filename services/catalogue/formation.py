"""A training, and the months in which it starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.catalogue.etablissement import Etablissement
from services.france.lieu import Lieu
from services.france.names import fold

NIVEAUX = (3, 4, 5, 6, 7)
"""The levels of the French qualification framework used in apprenticeship; 0 is the unknown level."""


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
    gestionnaire: Etablissement | None = None
    """None when the catalogue does not list it."""
    sessions: tuple[str, ...] = ()
    """The months in which it starts, `YYYY-MM`, ascending."""
    maj_le: str | None = None
    """Date of the last update, RFC 3339; the export of November 2020 does not have it."""
    capacite: int | None = None
    """Places in one session; the export of November 2020 does not have it."""
    onisep_url: str | None = None
    fictive: bool = False

    def sort_key(self) -> tuple[str, str]:
        """The final sort key of every order: the folded title, then the id."""
        return fold(self.intitule), self.id

    def sessions_from(self, today: date) -> tuple[str, ...]:
        """The sessions of the current month and later."""
        return tuple(month for month in self.sessions if month >= _month(today))


def shift_sessions(months: Iterable[str], today: date) -> tuple[str, ...]:
    """Move each past month by whole years to its next occurrence; returns the distinct months, ascending.

    A training starts in the same months each year, so an old export still gives the right months.
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
