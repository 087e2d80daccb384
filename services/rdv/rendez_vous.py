"""An appointment: who asks for it, and the ways in which it can't be had."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from services.common.idempotency import Idempotency
from services.france.clock import paris_day
from services.rdv.creneau import HORIZON, Creneau, Regle, creneau_at, creneaux, decode_id

ASKED_AGAIN_AFTER = timedelta(days=4)
"""How long a candidate waits before asking for the same training again."""


class Statut(StrEnum):
    """Where an appointment is in its life."""

    CONFIRME = "CONFIRME"


@dataclass(frozen=True, slots=True)
class Candidat:
    """Who asks."""

    prenom: str
    nom: str
    email: str
    telephone: str | None = None


@dataclass(frozen=True, slots=True)
class Demande:
    """An appointment as it is asked for."""

    formation_id: str
    creneau_id: str
    candidat: Candidat
    message: str | None = None
    idempotency: Idempotency | None = None

    @property
    def who_and_what(self) -> str:
        """Names a candidate and a training without saying who the candidate is."""
        email = self.candidat.email.lower()
        return hashlib.sha256(f"{email}\n{self.formation_id}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RendezVous:
    """An appointment as it is booked, the candidate left aside."""

    id: str
    formation_id: str
    creneau: Creneau
    statut: Statut
    cree_le: datetime


@dataclass(frozen=True, slots=True)
class Accueil:
    """How the training centre of one training receives candidates; without rules it does not."""

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

    def next_creneaux(self, first: int, after: datetime, now: datetime) -> list[Creneau]:
        """The first free slots from `after` on."""
        if not first:
            return []
        every = creneaux(self.siret, self.regles, after, now + HORIZON)
        return list(islice((each for each in every if not self.is_taken(each)), first))


Accueils = Mapping[str, Accueil]
"""By id of training; a training that the service does not know has none."""


class RendezVousRefused(Exception):
    """The appointment can't be had; each kind says why."""


class FormationFermee(RendezVousRefused):
    """The training centre takes no appointment for this training."""


class CreneauIndisponible(RendezVousRefused):
    """No such slot, or it is too late for it."""


class CreneauPris(RendezVousRefused):
    """Somebody else was first."""


class DejaDemande(RendezVousRefused):
    """The same candidate asked for the same training less than four days ago."""
