"""The needs of companies: their content, their lifecycle, and whether candidates may see them."""

from __future__ import annotations

import calendar
import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from services.common.idempotency import Idempotency
from services.france.clock import PARIS, paris_day
from services.france.lieu import Lieu
from services.france.names import fold

MONTHS_OPEN = 2


class Statut(StrEnum):
    """The state of a need. EXPIRE is never stored: it follows from the date."""

    EN_ATTENTE = "EN_ATTENTE"
    ACTIF = "ACTIF"
    POURVU = "POURVU"
    ANNULE = "ANNULE"
    EXPIRE = "EXPIRE"


class Contrat(StrEnum):
    """Kind of contract."""

    APPRENTISSAGE = "APPRENTISSAGE"
    PROFESSIONNALISATION = "PROFESSIONNALISATION"


class Rythme(StrEnum):
    """Time in the company and at the training centre."""

    DEUX_JOURS_TROIS_JOURS = "DEUX_JOURS_TROIS_JOURS"
    UNE_SEMAINE_UNE_SEMAINE = "UNE_SEMAINE_UNE_SEMAINE"
    DEUX_SEMAINES_TROIS_SEMAINES = "DEUX_SEMAINES_TROIS_SEMAINES"
    SIX_SEMAINES_SIX_SEMAINES = "SIX_SEMAINES_SIX_SEMAINES"


@dataclass(frozen=True, slots=True)
class Entreprise:
    """The company that has the need."""

    siret: str
    raison_sociale: str
    enseigne: str | None = None
    naf: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """The contact for a need; never shown."""

    prenom: str
    nom: str
    email: str
    telephone: str | None = None


@dataclass(frozen=True, slots=True)
class Annonce:
    """The content of a need."""

    intitule: str
    romes: tuple[str, ...]
    entreprise: Entreprise
    lieu: Lieu
    """The workplace; always with a point."""
    contrats: tuple[Contrat, ...] = (Contrat.APPRENTISSAGE,)
    quantite: int = 1
    description: str | None = None
    niveau: int | None = None
    rythme: Rythme | None = None
    duree_mois: int | None = None
    start_le: date | None = None


@dataclass(frozen=True, slots=True)
class Depot:
    """A posted need with its contact."""

    annonce: Annonce
    contact: Contact
    idcc: str | None = None
    idempotency: Idempotency | None = None

    @property
    def contenu(self) -> str:
        """Digest of what is needed, where and by which SIRET, whoever posts it and however they spell it."""
        annonce, lieu = self.annonce, self.annonce.lieu
        values = (
            annonce.entreprise.siret,
            fold(annonce.intitule),
            sorted(annonce.romes),
            (fold(lieu.adresse or ""), lieu.code_postal, lieu.insee, fold(lieu.commune or ""), lieu.point),
            sorted(annonce.contrats),
            (annonce.quantite, annonce.niveau, annonce.rythme, annonce.duree_mois, annonce.start_le),
            fold(annonce.description or ""),
        )
        return hashlib.sha256(repr(values).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Renouvellement:
    """The dates of a fictitious need relative to its renewal, so that it never looks old."""

    age_days: int
    start_in_days: int


@dataclass(frozen=True, slots=True)
class Besoin:
    """A stored need, without its contact."""

    id: str
    annonce: Annonce
    cree_le: datetime
    expire_le: datetime
    statut: Statut
    opco: str | None = None
    fictive: bool = False

    def at(self, now: datetime) -> Besoin:
        """The need at a time: an open one past its date is EXPIRE."""
        if self.statut is Statut.ACTIF and self.expire_le <= now:
            return replace(self, statut=Statut.EXPIRE)
        return self

    @property
    def public(self) -> bool:
        return self.statut is not Statut.EN_ATTENTE

    def renewed(self, dating: Renouvellement, now: datetime) -> Besoin:
        """The fictitious need with the dates that it would get if it were loaded now."""
        cree_le = now - timedelta(days=dating.age_days)
        start_le = paris_day(now) + timedelta(days=dating.start_in_days)
        annonce = replace(self.annonce, start_le=start_le)
        return replace(self, annonce=annonce, cree_le=cree_le, expire_le=expiry(cree_le))


def expiry(cree_le: datetime) -> datetime:
    """Two months after the day of creation, at the start of that day in France."""
    day = add_months(paris_day(cree_le), MONTHS_OPEN)
    return datetime.combine(day, time(), tzinfo=PARIS).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last day if it is too short."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class Fictif:
    """A need of the fictitious demonstration set."""

    besoin: Besoin
    contact: Contact
    dating: Renouvellement
