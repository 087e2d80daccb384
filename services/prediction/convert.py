"""Between the messages of the contract and the nouns of this service."""

from __future__ import annotations

import re
from collections.abc import Sequence

from protos import geo_pb2, prediction_pb2
from services.common.cursor import decode_cursor, encode_cursor, search_digest
from services.common.errors import InvalidRequest, Problem
from services.france.geo import Zone, read_zone
from services.prediction.recruteur import Criteria, Position, Raison, Recruteur, Sort

DEFAULT_SCORE_MIN = 20
MAX_ROMES = 50
MAX_PAGE = 100
MAX_SIRETS = 100

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


def _siret_problems(path: str, siret: str) -> list[Problem]:
    if _SIRET.fullmatch(siret):
        return []
    return [Problem(path, f"« {siret[:20]} » n'est pas un SIRET : quatorze chiffres, sans espace")]


def sirets_problems(sirets: Sequence[str]) -> list[Problem]:
    """What is wrong with a batch of SIRETs."""
    problems = []
    if len(sirets) > MAX_SIRETS:
        problems.append(Problem("sirets", f"{len(sirets)} SIRET : au plus {MAX_SIRETS} à la fois"))
    for place, siret in enumerate(sirets):
        problems += _siret_problems(f"sirets[{place}]", siret)
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
        lieu=_lieu_to_proto(recruteur),
        distance_km=None if distance_km is None else round(distance_km, 2),
        score=score,
        fictive=fictive,
    )


def _lieu_to_proto(recruteur: Recruteur) -> geo_pb2.Lieu:
    point = geo_pb2.Point(latitude=recruteur.point.latitude, longitude=recruteur.point.longitude)
    return geo_pb2.Lieu(
        adresse=recruteur.adresse,
        code_postal=recruteur.code_postal,
        insee=recruteur.insee,
        commune=recruteur.commune,
        departement=recruteur.departement,
        point=point,
    )
