"""Converts between the messages of `protos/prediction.proto` and the domain."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, FiniteFloat, TypeAdapter

from protos import prediction_pb2
from services.common.checks import raise_if_any
from services.common.cursor import decode_cursor, encode_cursor, search_digest
from services.common.errors import InvalidRequest
from services.france.convert import lieu_to_proto, read_zone
from services.france.geo import Zone
from services.prediction.checks import search_problems
from services.prediction.recruteur import Criteria, Match, Position, Raison, Recruteur, Sort

DEFAULT_SCORE_MIN = 20

_Score = Annotated[int, Field(ge=0, le=100)]
_Siret = Annotated[str, Field(pattern=r"^[0-9]{14}$")]

_Key = tuple[float | None, int, str]
_PLACED: TypeAdapter[_Key] = TypeAdapter(tuple[FiniteFloat, _Score, _Siret])
_PLACELESS: TypeAdapter[_Key] = TypeAdapter(tuple[None, _Score, _Siret])
"""The fields of a Position, when the zone has no origin."""


def criteria_from_proto(request: prediction_pb2.SearchRecruteursRequest) -> Criteria:
    """The criteria of a search. Raises InvalidRequest with every problem."""
    problems = search_problems(request)
    zone = read_zone(request.zone, problems) if request.HasField("zone") else Zone()
    score_min = request.score_min if request.HasField("score_min") else DEFAULT_SCORE_MIN
    by_score = request.sort == prediction_pb2.RECRUTEUR_SORT_SCORE or zone.origin is None
    sort = Sort.SCORE if by_score else Sort.DISTANCE
    after = None
    try:
        after = _position_from_cursor(request, zone) if request.after else None
    except InvalidRequest as unreadable:
        problems += unreadable.problems
    raise_if_any(problems)
    romes = tuple(dict.fromkeys(request.romes))
    return Criteria(romes, zone, sort, score_min, request.first, after)


def digest_of(request: prediction_pb2.SearchRecruteursRequest) -> str:
    """The digest in the cursors of a search."""
    return search_digest(request, paging=("first", "after", "with_raisons", "with_raisons_generales"))


def _position_from_cursor(request: prediction_pb2.SearchRecruteursRequest, zone: Zone) -> Position:
    key = _PLACELESS if zone.origin is None else _PLACED
    return Position(*decode_cursor(request.after, digest_of(request), key))


def raison_to_proto(raison: Raison) -> prediction_pb2.Raison:
    return prediction_pb2.Raison(libelle=raison.libelle, poids=raison.poids)


def match_to_edge(
    match: Match, node: prediction_pb2.RecruteurProbable, digest: str
) -> prediction_pb2.RecruteurEdge:
    position, distance_km = match.position, match.position.distance_km
    return prediction_pb2.RecruteurEdge(
        cursor=encode_cursor(digest, (distance_km, position.score, position.siret)),
        node=node,
        distance_km=None if distance_km is None else round(distance_km, 2),
        score=position.score,
        romes=match.romes,
    )


def recruteur_to_proto(
    recruteur: Recruteur, score: int, *, fictive: bool
) -> prediction_pb2.RecruteurProbable:
    return prediction_pb2.RecruteurProbable(
        siret=recruteur.siret,
        raison_sociale=recruteur.raison_sociale,
        enseigne=recruteur.enseigne,
        naf=prediction_pb2.Naf(code=recruteur.naf.code, libelle=recruteur.naf.libelle),
        tranche_effectif=recruteur.tranche_effectif,
        lieu=lieu_to_proto(recruteur.lieu),
        score=score,
        fictive=fictive,
    )
