"""Finds the problems of requests, field by field."""

from __future__ import annotations

from collections.abc import Sequence

from protos import rdv_pb2
from services.common.checks import (
    count_problems,
    first_problems,
    line_problems,
    shape_problems,
    text_problems,
)
from services.common.errors import Problem
from services.common.idempotency import key_problems
from services.france.clock import read_rfc3339
from services.france.fields import email_problems, telephone_problems

MAX_IDS = 100
MAX_FIRST = 50
MAX_MESSAGE = 2_000


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
    ids = (("formation_id", request.formation_id), ("creneau_id", request.creneau_id))
    problems = [Problem(name, "obligatoire") for name, value in ids if not value]
    problems += _candidat_problems(request.candidat)
    problems += text_problems("message", request.message, 0, MAX_MESSAGE)
    return problems + key_problems(request)


def _candidat_problems(candidat: rdv_pb2.Candidat) -> list[Problem]:
    problems = [
        *line_problems("candidat.prenom", candidat.prenom, 1, 50),
        *line_problems("candidat.nom", candidat.nom, 1, 50),
        *email_problems("candidat.email", candidat.email),
    ]
    if candidat.telephone:
        problems += telephone_problems("candidat.telephone", candidat.telephone)
    return problems


def _instant_problems(path: str, text: str) -> list[Problem]:
    wanted = "un instant, comme 2027-09-01T09:00:00+02:00"
    return shape_problems(path, text, lambda instant: read_rfc3339(instant) is not None, wanted)
