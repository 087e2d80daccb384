"""Appointments, their candidates, and the reasons to refuse one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from services.common.idempotency import Idempotency
from services.france.clock import paris_day
from services.france.fields import mailbox
from services.rdv.creneau import HORIZON, Creneau, Regle, creneau_at, creneaux, decode_id

ASKED_AGAIN_AFTER = timedelta(days=4)
"""Time before a candidate may ask for the same training again."""


class Statut(StrEnum):
    """The state of an appointment."""

    CONFIRME = "CONFIRME"


@dataclass(frozen=True, slots=True)
class Candidat:
    """The candidate who asks for an appointment."""

    prenom: str
    nom: str
    email: str
    telephone: str | None = None


@dataclass(frozen=True, slots=True)
class Demande:
    """A request for an appointment."""

    formation_id: str
    creneau_id: str
    candidat: Candidat
    message: str | None = None
    idempotency: Idempotency | None = None

    @property
    def who_and_what(self) -> str:
        """Digest of the candidate and the training, from which the candidate cannot be read."""
        email = mailbox(self.candidat.email)
        return hashlib.sha256(f"{email}\n{self.formation_id}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RendezVous:
    """A booked appointment, without its candidate."""

    id: str
    formation_id: str
    creneau: Creneau
    statut: Statut
    cree_le: datetime


@dataclass(frozen=True, slots=True)
class Accueil:
    """The rules and appointments of the centre of a training; without rules, it takes no appointments."""

    formation_id: str
    siret: str
    regles: tuple[Regle, ...] = ()
    booked: Sequence[tuple[datetime, datetime]] = field(default_factory=tuple)
    """Starts and ends of its appointments to come."""

    def is_open(self, now: datetime) -> bool:
        today = paris_day(now)
        return any(regle.jusqu_a is None or today <= regle.jusqu_a for regle in self.regles)

    def is_taken(self, creneau: Creneau) -> bool:
        return any(creneau.overlaps(start, end) for start, end in self.booked)

    def creneau(self, creneau_id: str, earliest: datetime, now: datetime) -> Creneau:
        """The slot of that id, free or not. Raises FormationFermee, CreneauIndisponible."""
        if not self.is_open(now):
            raise FormationFermee
        named = decode_id(creneau_id)
        if named is None or named[0] != self.siret or named[1] < earliest:
            raise CreneauIndisponible
        found = creneau_at(self.siret, self.regles, named[1])
        if found is None or found.end > now + HORIZON:
            raise CreneauIndisponible
        return found

    def count_creneaux(self, now: datetime) -> int:
        """The number of slots that it offers from now on, free or not."""
        return sum(1 for _ in creneaux(self.siret, self.regles, now, now + HORIZON))

    def next_creneaux(self, first: int, after: datetime, now: datetime) -> list[Creneau]:
        """The first free slots from `after` on."""
        if not first:
            return []
        every = creneaux(self.siret, self.regles, after, now + HORIZON)
        return list(islice((each for each in every if not self.is_taken(each)), first))


Accueils = Mapping[str, Accueil]
"""Accueils by formation id; unknown trainings are absent."""


class RendezVousRefused(Exception):
    """The appointment is refused; each subclass is a reason."""


class FormationFermee(RendezVousRefused):
    """The training centre takes no appointment for this training."""


class CreneauIndisponible(RendezVousRefused):
    """The slot does not exist, or it is too late to book it."""


class CreneauPris(RendezVousRefused):
    """Somebody else booked the slot first."""


class DejaDemande(RendezVousRefused):
    """The same candidate asked for the same training less than four days ago."""
