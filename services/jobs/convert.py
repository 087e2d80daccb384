"""Converts between the messages of `protos/jobs.proto` and the domain."""

from __future__ import annotations

from protos import jobs_pb2
from services.common.checks import raise_if_any
from services.france.clock import rfc3339
from services.france.communes import Communes
from services.france.convert import lieu_to_proto, read_zone
from services.france.geo import Zone
from services.jobs.checks import search_problems
from services.jobs.offre import Contrat, ContratType, Criteria, Entreprise, Offre, Row, Sort
from services.jobs.zone import origin_commune

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
    """The criteria of a search. Raises InvalidRequest with every problem."""
    problems = search_problems(request)
    zone = read_zone(request.zone, problems) if request.HasField("zone") else Zone()
    raise_if_any(problems)
    commune = origin_commune(zone, communes)
    return Criteria(
        romes=frozenset(request.romes),
        zone=zone,
        sort=_SORTS[request.sort],
        niveau=int(request.niveau) or None,
        origin_departement=commune.departement if commune else None,
    )


def row_to_edge(row: Row, cursor: str) -> jobs_pb2.OffreEdge:
    distance_km = None if row.distance_km is None else round(row.distance_km, 2)
    return jobs_pb2.OffreEdge(cursor=cursor, node=offre_to_proto(row.offre), distance_km=distance_km)


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
        publiee_le=rfc3339(offre.publiee_le) if offre.publiee_le else None,
        actualisee_le=rfc3339(offre.actualisee_le) if offre.actualisee_le else None,
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
