"""Between the messages of `protos/rdv.proto` and the domain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from protos import rdv_pb2
from services.common.errors import InvalidRequest, Problem
from services.common.idempotency import idempotency_of
from services.france.fields import (
    email_problems,
    key_problems,
    line_problems,
    telephone_digits,
    telephone_problems,
    text_problems,
)
from services.rdv.creneau import PARIS, Creneau
from services.rdv.rendez_vous import Accueil, Candidat, Demande, RendezVous

MAX_IDS = 100
MAX_FIRST = 50
MAX_MESSAGE = 2_000

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def ids_problems(ids: Sequence[str]) -> list[Problem]:
    """What is wrong with a batch of ids of trainings."""
    problems = [Problem(f"formation_ids[{place}]", "vide") for place, id_ in enumerate(ids) if not id_]
    if len(ids) > MAX_IDS:
        problems.append(Problem("formation_ids", f"{len(ids)} identifiants ; {MAX_IDS} au plus"))
    return problems


def not_before_from_proto(request: rdv_pb2.ListCreneauxRequest) -> datetime | None:
    """The time before which no slot is wanted. Raises InvalidRequest with everything that is wrong."""
    problems = ids_problems(request.formation_ids)
    if not 0 <= request.first <= MAX_FIRST:
        problems.append(Problem("first", f"{request.first} n'est pas entre 0 et {MAX_FIRST}"))
    not_before = _read_instant(request.not_before, problems) if request.HasField("not_before") else None
    if problems:
        raise InvalidRequest(problems)
    return not_before


def _read_instant(text: str, problems: list[Problem]) -> datetime | None:
    try:
        # fromisoformat reads other forms of ISO 8601 too.
        return datetime.fromisoformat(text.upper() if _INSTANT.fullmatch(text) else "").astimezone(UTC)
    except (ValueError, OverflowError):
        message = f"« {text} » n'est pas un instant ; par exemple 2027-09-01T09:00:00+02:00"
        problems.append(Problem("not_before", message))
        return None


def demande_from_proto(request: rdv_pb2.BookRendezVousRequest) -> Demande:
    """What is asked for. Raises InvalidRequest with everything that is wrong."""
    problems = [
        Problem(name, "obligatoire")
        for name, value in (("formation_id", request.formation_id), ("creneau_id", request.creneau_id))
        if not value
    ]
    problems += _candidat_problems(request.candidat)
    problems += text_problems("message", request.message, 0, MAX_MESSAGE)
    if request.HasField("cle_idempotence"):
        problems += key_problems("cle_idempotence", request.cle_idempotence)
    if problems:
        raise InvalidRequest(problems)
    candidat = request.candidat
    return Demande(
        formation_id=request.formation_id,
        creneau_id=request.creneau_id,
        candidat=Candidat(
            prenom=candidat.prenom.strip(),
            nom=candidat.nom.strip(),
            email=candidat.email,
            telephone=telephone_digits(candidat.telephone) or None,
        ),
        message=request.message.strip() or None,
        idempotency=idempotency_of(request, "cle_idempotence"),
    )


def _candidat_problems(candidat: rdv_pb2.Candidat) -> list[Problem]:
    problems = [
        *line_problems("candidat.prenom", candidat.prenom, 1, 50),
        *line_problems("candidat.nom", candidat.nom, 1, 50),
        *email_problems("candidat.email", candidat.email),
    ]
    if candidat.telephone:
        problems += telephone_problems("candidat.telephone", candidat.telephone)
    return problems


def formation_to_proto(
    formation_id: str, accueil: Accueil | None, first: int, after: datetime, now: datetime
) -> rdv_pb2.FormationCreneaux:
    """The first slots of a training; none where nobody receives candidates for it."""
    if accueil is None or not accueil.is_open(now):
        return rdv_pb2.FormationCreneaux(formation_id=formation_id, open=False)
    found = accueil.next_creneaux(first, after, now)
    return rdv_pb2.FormationCreneaux(
        formation_id=formation_id, open=True, creneaux=[creneau_to_proto(creneau) for creneau in found]
    )


def creneau_to_proto(creneau: Creneau) -> rdv_pb2.Creneau:
    return rdv_pb2.Creneau(
        id=creneau.id,
        start=creneau.start.astimezone(PARIS).isoformat(),
        end=creneau.end.astimezone(PARIS).isoformat(),
    )


def rendez_vous_to_proto(rendez_vous: RendezVous) -> rdv_pb2.RendezVous:
    return rdv_pb2.RendezVous(
        id=rendez_vous.id,
        formation_id=rendez_vous.formation_id,
        siret=rendez_vous.creneau.siret,
        creneau=creneau_to_proto(rendez_vous.creneau),
        statut=rdv_pb2.RendezVousStatut.Value(f"RENDEZ_VOUS_STATUT_{rendez_vous.statut}"),
        cree_le=rendez_vous.cree_le.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    )
