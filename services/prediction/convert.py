"""Between the messages of the contract and the nouns of this service."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from protos import prediction_pb2
from services.common.cursor import decode_cursor, encode_cursor, search_digest
from services.common.errors import InvalidRequest, Problem
from services.france.convert import lieu_to_proto, read_zone
from services.france.geo import Zone
from services.prediction.features import PAST_PERIODS
from services.prediction.recruteur import Criteria, Position, Raison, Recruteur, Sort

Floats = npt.NDArray[np.float64]

DEFAULT_SCORE_MIN = 20
MAX_ROMES = 50
MAX_PAGE = 100
MAX_SIRETS = 100
MAX_FEATURES = 1000

_ROME = re.compile(r"[A-N][0-9]{4}")
_SIRET = re.compile(r"[0-9]{14}")


def criteria_from_proto(request: prediction_pb2.SearchRecruteursRequest) -> Criteria:
    """What a search asks for. Raises InvalidRequest with every problem."""
    problems = _romes_problems(request.romes)
    zone = read_zone(request.zone, problems) if request.HasField("zone") else Zone()
    score_min = request.score_min if request.HasField("score_min") else DEFAULT_SCORE_MIN
    if not 0 <= score_min <= 100:
        problems.append(Problem("score_min", f"{score_min} n'est pas entre 0 et 100"))
    if not 0 <= request.first <= MAX_PAGE:
        problems.append(Problem("first", f"{request.first} n'est pas entre 0 et {MAX_PAGE}"))
    if request.sort not in prediction_pb2.RecruteurSort.values():
        problems.append(Problem("sort", f"{request.sort} n'est pas un ordre connu"))
    by_score = request.sort == prediction_pb2.RECRUTEUR_SORT_SCORE or zone.origin is None
    sort = Sort.SCORE if by_score else Sort.DISTANCE
    after = None
    try:
        after = _position_from_cursor(request, zone) if request.after else None
    except InvalidRequest as unreadable:
        problems += unreadable.problems
    if problems:
        raise InvalidRequest(problems)
    romes = tuple(dict.fromkeys(request.romes))
    return Criteria(romes, zone, sort, score_min, request.first, after)


def digest_of(request: prediction_pb2.SearchRecruteursRequest) -> str:
    """What the cursors of a search are bound to."""
    return search_digest(request, paging=("first", "after", "with_raisons"))


def cursor_of(position: Position, digest: str) -> str:
    return encode_cursor(digest, (position.distance_km, position.score, position.siret))


def _position_from_cursor(request: prediction_pb2.SearchRecruteursRequest, zone: Zone) -> Position:
    distance_kind = type(None) if zone.origin is None else float
    distance, score, siret = decode_cursor(request.after, digest_of(request), (distance_kind, int, str))
    return Position(
        distance_km=float(distance) if isinstance(distance, int | float) else None,
        score=int(score) if isinstance(score, int) else 0,
        siret=str(siret),
    )


def _romes_problems(romes: Sequence[str]) -> list[Problem]:
    problems = []
    if not 1 <= len(romes) <= MAX_ROMES:
        message = f"{len(romes)} codes : il en faut de 1 à {MAX_ROMES}"
        problems.append(Problem("romes", message))
    return problems + [
        problem for place, rome in enumerate(romes) for problem in rome_problems(f"romes[{place}]", rome)
    ]


def rome_problems(path: str, rome: str) -> list[Problem]:
    if _ROME.fullmatch(rome):
        return []
    message = f"« {rome[:20]} » n'est pas un code ROME : une lettre de A à N et quatre chiffres, comme D1102"
    return [Problem(path, message)]


def siret_problems(path: str, siret: str) -> list[Problem]:
    if _SIRET.fullmatch(siret):
        return []
    return [Problem(path, f"« {siret[:20]} » n'est pas un SIRET : quatorze chiffres, sans espace")]


def sirets_from_proto(request: prediction_pb2.GetRecruteursRequest) -> list[str]:
    """The SIRETs asked for. Raises InvalidRequest with every problem."""
    problems = []
    if len(request.sirets) > MAX_SIRETS:
        problems.append(Problem("sirets", f"{len(request.sirets)} SIRET : au plus {MAX_SIRETS} à la fois"))
    for place, siret in enumerate(request.sirets):
        problems += siret_problems(f"sirets[{place}]", siret)
    if problems:
        raise InvalidRequest(problems)
    return list(request.sirets)


def features_from_proto(request: prediction_pb2.ScoreRequest) -> Floats:
    """A row of features for each of the request. Raises InvalidRequest with every problem."""
    if len(request.features) > MAX_FEATURES:
        message = f"{len(request.features)} lignes : au plus {MAX_FEATURES} à la fois"
        raise InvalidRequest([Problem("features", message)])
    problems = []
    for place, features in enumerate(request.features):
        problems += _features_problems(f"features[{place}]", features)
    if problems:
        raise InvalidRequest(problems)
    rows = [(*each.embauches, each.effectif) for each in request.features]
    return np.array(rows, dtype=np.float64).reshape(-1, PAST_PERIODS + 1)


def _features_problems(path: str, features: prediction_pb2.Features) -> list[Problem]:
    problems = []
    if len(features.embauches) != PAST_PERIODS:
        message = f"{len(features.embauches)} périodes de six mois : il en faut {PAST_PERIODS}"
        problems.append(Problem(f"{path}.embauches", message))
    numbers = [(f"{path}.embauches[{place}]", number) for place, number in enumerate(features.embauches)]
    problems += [
        Problem(where, f"{number:g} n'est pas un nombre positif ou nul")
        for where, number in [*numbers, (f"{path}.effectif", features.effectif)]
        if not (math.isfinite(number) and number >= 0)
    ]
    return problems


def raison_to_proto(raison: Raison) -> prediction_pb2.Raison:
    return prediction_pb2.Raison(libelle=raison.libelle, poids=raison.poids)


def recruteur_to_proto(
    recruteur: Recruteur, score: int, *, fictive: bool, distance_km: float | None = None
) -> prediction_pb2.RecruteurProbable:
    return prediction_pb2.RecruteurProbable(
        siret=recruteur.siret,
        raison_sociale=recruteur.raison_sociale,
        enseigne=recruteur.enseigne,
        naf=prediction_pb2.Naf(code=recruteur.naf.code, libelle=recruteur.naf.libelle),
        tranche_effectif=recruteur.tranche_effectif,
        lieu=lieu_to_proto(recruteur.lieu),
        distance_km=None if distance_km is None else round(distance_km, 2),
        score=score,
        fictive=fictive,
    )
