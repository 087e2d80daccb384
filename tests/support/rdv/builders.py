"""Rules and requests for the tests of rdv, right until a test changes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from protos import rdv_pb2
from services.rdv.creneau import Creneau, Regle
from services.rdv.limits import Allowance, Limits
from services.rdv.rendez_vous import Candidat, Demande

# A Wednesday, 10:30 in France; summer time begins on the 28th.
NOW = datetime(2027, 3, 10, 9, 30, tzinfo=UTC)
SIRET = "73282932000074"
OTHER_SIRET = "44306184100047"
EMAIL = "Ana.Silva@example.org"
THURSDAY = Regle(jour=3, start=time(9), end=time(11), duree_min=30)

GENEROUS = Allowance((), 1_000)
LIMITS = Limits(
    caller_per_hour=5,
    caller_per_day=10,
    caller_per_centre=3,
    candidat_at_once=3,
    candidat_per_day=5,
    centre_percent_per_day=10,
    centre_at_least=10,
)


def thursday(hour: int = 8, minute: int = 0) -> datetime:
    """Of the same week, in UTC."""
    return datetime(2027, 3, 11, hour, minute, tzinfo=UTC)


def a_creneau(start: datetime | None = None, siret: str = SIRET) -> Creneau:
    start = start or thursday()
    return Creneau(start, start + (thursday(8, 30) - thursday(8)), siret)


def a_demande(email: str = EMAIL, **changes: Any) -> Demande:
    demande = Demande("f1", a_creneau().id, Candidat("Ana", "Silva", email))
    return replace(demande, **changes)


def a_request(**changes: Any) -> rdv_pb2.BookRendezVousRequest:
    email, telephone = changes.pop("email", EMAIL), changes.pop("telephone", "06 12 34 56 78")
    fields: dict[str, Any] = {
        "formation_id": "f1",
        "creneau_id": a_creneau().id,
        "candidat": rdv_pb2.Candidat(prenom="Ana", nom="Silva", email=email, telephone=telephone),
        "message": "Bonjour,\nje voudrais visiter l'école.",
    }
    return rdv_pb2.BookRendezVousRequest(**{**fields, **changes})
