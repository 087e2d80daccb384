"""Between the messages of `protos/jobs.proto` and the domain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from protos import geo_pb2, jobs_pb2
from services.common.errors import InvalidRequest, Problem
from services.france.communes import Communes
from services.france.convert import lieu_to_proto, read_zone
from services.france.geo import Zone
from services.jobs.offre import Contrat, ContratType, Criteria, Entreprise, Offre, Row, Sort
from services.jobs.zone import origin_commune

_ROME = re.compile(r"[A-N]\d{4}")
_INSEE = re.compile(r"(\d{2}|2[AB])\d{3}")
_DEPARTEMENT = re.compile(r"\d{2}|2[AB]|9[78]\d")
_MAX_ROMES = 50
_MAX_FIRST = 100

_SORTS = {
    jobs_pb2.OFFRE_SORT_UNSPECIFIED: Sort.DISTANCE,
    jobs_pb2.OFFRE_SORT_DISTANCE: Sort.DISTANCE,
    jobs_pb2.OFFRE_SORT_DATE: Sort.DATE,
}
_CONTRATS = {
    None: jobs_pb2.CONTRAT_TYPE_UNSPECIFIED,
    ContratType.APPRENTISSAGE: jobs_pb2.CONTRAT_TYPE_APPRENTISSAGE,
    ContratType.PROFESSIONNALISATION: jobs_pb2.CONTRAT_TYPE_PROFESSIONNALISATION,
}


def criteria_from_proto(request: jobs_pb2.SearchOffresRequest, communes: Communes) -> Criteria:
    """What the request asks for. Raises InvalidRequest with everything that is wrong in it."""
    problems = [*_rome_problems(request.romes), *_enum_problems(request)]
    if not 0 <= request.first <= _MAX_FIRST:
        problems.append(Problem("first", f"{request.first} n'est pas entre 0 et {_MAX_FIRST}"))
    zone = read_zone(request.zone, problems) if request.HasField("zone") else Zone()
    problems += _code_problems(request.zone)
    if problems:
        raise InvalidRequest(problems)
    commune = origin_commune(zone, communes)
    return Criteria(
        romes=frozenset(request.romes),
        zone=zone,
        sort=_SORTS[request.sort],
        niveau=int(request.niveau) or None,
        origin_departement=commune.departement if commune else None,
    )


def offre_id_from_proto(request: jobs_pb2.GetOffreRequest) -> str:
    if not request.id:
        raise InvalidRequest([Problem("id", "obligatoire : l'identifiant d'une offre, « 048KLTP »")])
    return request.id


def row_to_proto(row: Row, cursor: str) -> jobs_pb2.OffreEdge:
    node = offre_to_proto(row.offre)
    if row.distance_km is not None:
        node.distance_km = round(row.distance_km, 2)
    return jobs_pb2.OffreEdge(cursor=cursor, node=node)


def offre_to_proto(offre: Offre) -> jobs_pb2.Offre:
    return jobs_pb2.Offre(
        id=offre.id,
        intitule=offre.intitule,
        description=offre.description,
        rome=offre.rome,
        rome_libelle=offre.rome_libelle,
        appellation=offre.appellation,
        entreprise=_entreprise_to_proto(offre.entreprise),
        contrat=_contrat_to_proto(offre.contrat),
        lieu=lieu_to_proto(offre.lieu),
        publiee_le=_instant_to_proto(offre.publiee_le),
        actualisee_le=_instant_to_proto(offre.actualisee_le),
        url=offre.url,
        nombre_postes=offre.nombre_postes,
        fictive=offre.fictive,
    )


def _entreprise_to_proto(entreprise: Entreprise) -> jobs_pb2.EntrepriseOffre:
    return jobs_pb2.EntrepriseOffre(
        nom=entreprise.nom, siret=entreprise.siret, description=entreprise.description, url=entreprise.url
    )


def _contrat_to_proto(contrat: Contrat) -> jobs_pb2.ContratOffre:
    return jobs_pb2.ContratOffre(
        type=_CONTRATS[contrat.type], libelle=contrat.libelle, duree_travail=contrat.duree_travail
    )


def _instant_to_proto(instant: datetime | None) -> str | None:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None


def _rome_problems(codes: Sequence[str]) -> list[Problem]:
    if not 1 <= len(codes) <= _MAX_ROMES:
        return [Problem("romes", f"{len(codes)} codes ; il en faut de 1 à {_MAX_ROMES}")]
    return [
        Problem(
            f"romes[{index}]", f"« {code[:20]} » n'est pas un code ROME : une lettre et 4 chiffres, D1102"
        )
        for index, code in enumerate(codes)
        if not _ROME.fullmatch(code)
    ]


def _enum_problems(request: jobs_pb2.SearchOffresRequest) -> list[Problem]:
    problems = []
    if request.sort not in _SORTS:
        problems.append(Problem("sort", f"{request.sort} n'est pas un ordre connu"))
    if request.niveau not in (0, 3, 4, 5, 6, 7):
        problems.append(Problem("niveau", f"{request.niveau} n'est pas un niveau de 3 à 7"))
    return problems


def _code_problems(zone: geo_pb2.Zone) -> list[Problem]:
    wrong_communes = [
        Problem(
            f"zone.communes[{index}]", f"« {code[:20]} » n'est pas un code INSEE de commune : 74010, 2A004"
        )
        for index, code in enumerate(zone.communes)
        if not _INSEE.fullmatch(code)
    ]
    wrong_departements = [
        Problem(f"zone.departements[{index}]", f"« {code[:20]} » n'est pas un département : 01, 2A, 974")
        for index, code in enumerate(zone.departements)
        if not _DEPARTEMENT.fullmatch(code)
    ]
    return wrong_communes + wrong_departements
