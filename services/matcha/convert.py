"""Between the messages of `protos/matcha.proto` and the domain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from protos import diplome_pb2, matcha_pb2
from services.common.cursor import decode_cursor, encode_cursor, search_digest
from services.common.errors import InvalidRequest, Problem
from services.france.convert import lieu_to_proto, read_zone
from services.france.geo import Zone
from services.matcha.besoin import Besoin, Contrat, Rythme, Statut
from services.matcha.search import Criteria, Key, Row, Sort

MAX_FIRST = 100
MAX_SEARCHED_ROMES = 50
NIVEAUX = range(3, 8)

_ROME = re.compile(r"[A-N][0-9]{4}")
_DISTANCE_KINDS = (float, str)
_DATE_KINDS = (int, str)


def criteria_from_proto(request: matcha_pb2.SearchBesoinsRequest) -> Criteria:
    """What is searched for. Raises InvalidRequest with everything that is wrong."""
    problems: list[Problem] = []
    romes = read_romes(request.romes, MAX_SEARCHED_ROMES, problems)
    zone = read_zone(request.zone, problems) if request.HasField("zone") else Zone()
    niveau = read_niveau(request.niveau, problems)
    if request.sort not in matcha_pb2.BesoinSort.values():
        problems.append(Problem("sort", f"{request.sort} n'est pas un tri connu"))
    if not 0 <= request.first <= MAX_FIRST:
        problems.append(Problem("first", f"{request.first} n'est pas entre 0 et {MAX_FIRST}"))
    by_date = request.sort == matcha_pb2.BESOIN_SORT_DATE or zone.origin is None
    sort = Sort.DATE if by_date else Sort.DISTANCE
    after = _read_after(request, sort, problems)
    if problems:
        raise InvalidRequest(problems)
    return Criteria(romes, zone, sort, niveau, request.first, after)


def _read_after(request: matcha_pb2.SearchBesoinsRequest, sort: Sort, problems: list[Problem]) -> Key | None:
    if not request.after:
        return None
    try:
        kinds = _DATE_KINDS if sort is Sort.DATE else _DISTANCE_KINDS
        place, id_ = decode_cursor(request.after, search_digest(request), kinds)
    except InvalidRequest as error:
        problems += error.problems
        return None
    return float(place or 0) if sort is Sort.DISTANCE else int(place or 0), str(id_)


def read_romes(codes: Sequence[str], at_most: int, problems: list[Problem]) -> tuple[str, ...]:
    """The codes, each once; what is wrong with them is added to `problems`."""
    if not 1 <= len(codes) <= at_most:
        problems.append(Problem("romes", f"{len(codes)} codes ; il en faut de 1 à {at_most}"))
    problems += [
        Problem(f"romes[{place}]", f"« {code} » n'est pas un code ROME ; par exemple D1102")
        for place, code in enumerate(codes)
        if not _ROME.fullmatch(code)
    ]
    return tuple(dict.fromkeys(codes))


def read_niveau(number: int, problems: list[Problem]) -> int | None:
    if number and number not in NIVEAUX:
        problems.append(Problem("niveau", f"{number} n'est pas un niveau ; de 3 à 7, ou aucun"))
    return number or None


def row_to_edge(besoin: Besoin, row: Row, digest: str) -> matcha_pb2.BesoinEdge:
    node = besoin_to_proto(besoin)
    if row.distance_km is not None:
        node.distance_km = round(row.distance_km, 2)
    return matcha_pb2.BesoinEdge(cursor=encode_cursor(digest, row.key), node=node)


def besoin_to_proto(besoin: Besoin) -> matcha_pb2.BesoinMatcha:
    annonce, entreprise = besoin.annonce, besoin.annonce.entreprise
    return matcha_pb2.BesoinMatcha(
        id=besoin.id,
        intitule=annonce.intitule,
        description=annonce.description,
        romes=annonce.romes,
        # The numbers of the enum are the levels themselves.
        niveau=diplome_pb2.Niveau.ValueType(annonce.niveau or 0),
        opco=besoin.opco,
        entreprise=matcha_pb2.EntrepriseBesoin(
            siret=entreprise.siret,
            raison_sociale=entreprise.raison_sociale,
            enseigne=entreprise.enseigne,
            naf=entreprise.naf,
        ),
        lieu=lieu_to_proto(annonce.lieu),
        contrats=[contrat_to_proto(contrat) for contrat in annonce.contrats],
        rythme=rythme_to_proto(annonce.rythme),
        duree_mois=annonce.duree_mois,
        quantite=annonce.quantite,
        start_le=annonce.start_le.isoformat() if annonce.start_le else None,
        cree_le=_instant(besoin.cree_le),
        expire_le=_instant(besoin.expire_le),
        statut=statut_to_proto(besoin.statut),
        fictive=besoin.fictive,
    )


def statut_to_proto(statut: Statut) -> matcha_pb2.BesoinStatut.ValueType:
    return matcha_pb2.BesoinStatut.Value(f"BESOIN_STATUT_{statut}")


def contrat_to_proto(contrat: Contrat) -> matcha_pb2.BesoinContrat.ValueType:
    return matcha_pb2.BesoinContrat.Value(f"BESOIN_CONTRAT_{contrat}")


def rythme_to_proto(rythme: Rythme | None) -> matcha_pb2.Rythme.ValueType:
    return matcha_pb2.Rythme.Value(f"RYTHME_{rythme or 'UNSPECIFIED'}")


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
