"""What may be wrong in a request, field by field."""

from __future__ import annotations

import math

from protos import prediction_pb2
from services.common.checks import (
    count_problems,
    enum_problems,
    first_problems,
    list_problems,
    range_problems,
)
from services.common.errors import Problem
from services.france.checks import rome_problems, romes_problems, siret_problems
from services.prediction.features import PAST_PERIODS

MAX_SIRETS = 100
MAX_FEATURES = 1000


def search_problems(request: prediction_pb2.SearchRecruteursRequest) -> list[Problem]:
    """Everything but the zone and the cursor."""
    return [
        *romes_problems("romes", request.romes),
        *range_problems("score_min", request.score_min, 0, 100),
        *first_problems(request.first),
        *enum_problems("sort", request.sort, prediction_pb2.RecruteurSort.DESCRIPTOR, "un ordre connu"),
    ]


def recruteurs_problems(request: prediction_pb2.GetRecruteursRequest) -> list[Problem]:
    return list_problems("sirets", request.sirets, siret_problems, 0, MAX_SIRETS)


def explain_problems(request: prediction_pb2.ExplainRequest) -> list[Problem]:
    return siret_problems("siret", request.siret) + rome_problems("rome", request.rome)


def score_problems(request: prediction_pb2.ScoreRequest) -> list[Problem]:
    return count_problems("features", request.features, 0, MAX_FEATURES) + [
        problem
        for place, features in enumerate(request.features[:MAX_FEATURES])
        for problem in _features_problems(f"features[{place}]", features)
    ]


def _features_problems(path: str, features: prediction_pb2.Features) -> list[Problem]:
    problems = []
    if len(features.embauches) != PAST_PERIODS:
        message = f"{len(features.embauches)} périodes de six mois ; il en faut {PAST_PERIODS}"
        problems.append(Problem(f"{path}.embauches", message))
    numbers = [(f"{path}.embauches[{place}]", number) for place, number in enumerate(features.embauches)]
    problems += [
        Problem(where, f"{number:g} n'est pas un nombre positif ou nul")
        for where, number in [*numbers, (f"{path}.effectif", features.effectif)]
        if not (math.isfinite(number) and number >= 0)
    ]
    return problems
