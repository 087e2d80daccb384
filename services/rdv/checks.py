"""Finds the problems of requests, field by field."""

from __future__ import annotations

from collections.abc import Sequence

from protos import rdv_pb2
from services.common.checks import count_problems, first_problems, shape_problems
from services.common.errors import Problem
from services.common.idempotency import key_problems
from services.common.text_fields import OWN_RULE, Text, TextTable, texts_problems
from services.common.texts import Kind
from services.france.clock import read_rfc3339
from services.france.fields import email_problems, telephone_problems

MAX_IDS = 100
MAX_FIRST = 50

DEMANDE_TEXTS: TextTable = {
    "formation_id": OWN_RULE,
    "creneau_id": OWN_RULE,
    "candidat.prenom": Text(Kind.NAME, 1, 50),
    "candidat.nom": Text(Kind.NAME, 1, 50),
    "candidat.email": OWN_RULE,
    "candidat.telephone": OWN_RULE,
    "message": Text(Kind.DESCRIPTION, 0, 2_000),
    "cle_idempotence": OWN_RULE,
}

TEXTS = {"BookRendezVous": DEMANDE_TEXTS}
"""The texts of each RPC that changes something."""


def _ids_problems(ids: Sequence[str]) -> list[Problem]:
    """The problems of a batch of formation ids."""
    empty = [Problem(f"formation_ids[{place}]", "vide") for place, id_ in enumerate(ids) if not id_]
    return empty + count_problems("formation_ids", ids, 0, MAX_IDS)


def creneaux_problems(request: rdv_pb2.ListCreneauxRequest) -> list[Problem]:
    problems = _ids_problems(request.formation_ids) + first_problems(request.first, at_most=MAX_FIRST)
    if request.HasField("not_before"):
        problems += _instant_problems("not_before", request.not_before)
    return problems


def demande_problems(request: rdv_pb2.BookRendezVousRequest) -> list[Problem]:
    """The problems of a booking whose texts are normalised."""
    ids = (("formation_id", request.formation_id), ("creneau_id", request.creneau_id))
    problems = [Problem(name, "obligatoire") for name, value in ids if not value]
    problems += texts_problems(request, DEMANDE_TEXTS)
    problems += email_problems("candidat.email", request.candidat.email)
    if request.candidat.telephone:
        problems += telephone_problems("candidat.telephone", request.candidat.telephone)
    return problems + key_problems(request)


def _instant_problems(path: str, text: str) -> list[Problem]:
    wanted = "un instant, comme 2027-09-01T09:00:00+02:00"
    return shape_problems(path, text, lambda instant: read_rfc3339(instant) is not None, wanted)
