"""How many appointments may be asked for, since nobody proves who they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from services.common.share import Limit, Share
from services.france.fields import mailbox
from services.rdv.rendez_vous import Accueil, Demande

CALLER, CALLER_AT_CENTRE, CANDIDAT, CENTRE = "caller", "caller_at_centre", "candidat", "centre"

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one request may take."""

    shares: tuple[Share, ...]
    centre_per_day: int
    """Appointments that its training centre takes in a day."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the service, from its settings."""

    caller_per_hour: int
    caller_per_day: int
    caller_per_centre: int
    """Appointments of one client at one training centre in a day, so that nobody uses up its day alone."""
    candidat_at_once: int
    """Appointments to come of one e-mail address or telephone number."""
    candidat_per_day: int
    centre_percent_per_day: float
    """Part of the slots of eight weeks that a training centre may get booked in a day."""
    centre_at_least: int

    def allowance(self, demande: Demande, accueil: Accueil, caller: str, now: datetime) -> Allowance:
        """What this request may take. A caller that nobody named is not counted.

        One share for all unnamed callers would shut everybody out when the gateway names none; the limits of
        the candidate and of the training centre hold for them too.
        """
        shares = (*self._of_caller(caller, accueil.siret), *self._of_candidat(demande))
        part = ceil(accueil.count_creneaux(now) * self.centre_percent_per_day / 100)
        return Allowance(shares, max(part, self.centre_at_least))

    def _of_caller(self, caller: str, siret: str) -> list[Share]:
        if not caller:
            return []
        in_all = (Limit(self.caller_per_hour, _HOUR), Limit(self.caller_per_day, _DAY))
        at_centre = (Limit(self.caller_per_centre, _DAY),)
        return [
            Share(CALLER, caller, in_all),
            Share(CALLER_AT_CENTRE, f"{caller}\n{siret}", at_centre),
        ]

    def _of_candidat(self, demande: Demande) -> list[Share]:
        limits = (Limit(self.candidat_at_once), Limit(self.candidat_per_day, _DAY))
        subjects = (mailbox(demande.candidat.email), demande.candidat.telephone)
        return [Share(CANDIDAT, subject, limits) for subject in subjects if subject]
