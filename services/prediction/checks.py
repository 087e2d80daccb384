"""Finds the problems of requests, field by field."""

from __future__ import annotations

from collections.abc import Sequence

from protos import prediction_pb2
from services.common.checks import (
    enum_problems,
    first_problems,
    list_problems,
    range_problems,
)
from services.common.errors import Problem
from services.france.checks import rome_problems, romes_problems, siret_problems

MAX_SIRETS = 100


def search_problems(request: prediction_pb2.SearchRecruteursRequest) -> list[Problem]:
    """All problems except those of the zone and of the cursor."""
    return [
        *romes_problems("romes", request.romes),
        *range_problems("score_min", request.score_min, 0, 100),
        *first_problems(request.first),
        *enum_problems("sort", request.sort, prediction_pb2.RecruteurSort.DESCRIPTOR, "un ordre connu"),
    ]


def recruteurs_problems(request: prediction_pb2.GetRecruteursRequest) -> list[Problem]:
    return _sirets_problems(request.sirets)


def explain_problems(request: prediction_pb2.ExplainRecruteursRequest) -> list[Problem]:
    return _sirets_problems(request.sirets) + rome_problems("rome", request.rome)


def _sirets_problems(sirets: Sequence[str]) -> list[Problem]:
    return list_problems("sirets", sirets, siret_problems, 0, MAX_SIRETS)
