"""Between the messages of the contract and the nouns of this service."""

from __future__ import annotations

from protos import geo_pb2, prediction_pb2
from services.common.checks import raise_if_any
from services.common.cursor import decode_cursor, encode_cursor, search_digest
from services.common.errors import InvalidRequest
from services.france.geo import Zone, read_zone
from services.prediction.checks import search_problems
from services.prediction.recruteur import Criteria, Position, Raison, Recruteur, Sort

DEFAULT_SCORE_MIN = 20


def criteria_from_proto(request: prediction_pb2.SearchRecruteursRequest) -> Criteria:
    """What a search asks for. Raises InvalidRequest with every problem."""
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
