"""Builds the request of each source; a filter is one line here. `SearchRun.ask` adds the page."""

from __future__ import annotations

from gateway.context import Info
from gateway.execution.binding import wire_number
from gateway.search.criteria import SearchCriteria
from gateway.types.besoin import BesoinSort
from gateway.types.formation import FormationSort
from gateway.types.formation_facets import FormationFiltersInput
from gateway.types.offre import OffreSort
from gateway.types.recruteur import RecruteurSort
from protos import catalogue_pb2, jobs_pb2, matcha_pb2, prediction_pb2


def formations_request(
    criteria: SearchCriteria, sort: FormationSort | None, filters: FormationFiltersInput
) -> catalogue_pb2.SearchFormationsRequest:
    return catalogue_pb2.SearchFormationsRequest(
        romes=criteria.romes,
        rome_domaine=criteria.rome_domaine,
        rncps=criteria.rncps,
        niveau=wire_number(criteria.niveau),
        zone=criteria.zone,
        texte=criteria.texte,
        sort=wire_number(sort),
        niveaux=[wire_number(niveau) for niveau in filters.niveaux],
        diplomes=filters.diplomes,
        domaines=filters.domaines,
        departements=filters.departements,
        mois=filters.mois,
        qualiopi=filters.qualiopi,
    )


def besoins_request(criteria: SearchCriteria, sort: BesoinSort) -> matcha_pb2.SearchBesoinsRequest:
    return matcha_pb2.SearchBesoinsRequest(
        romes=criteria.employeur_romes,
        zone=criteria.zone,
        niveau=wire_number(criteria.niveau),
        sort=wire_number(sort),
    )


def offres_request(criteria: SearchCriteria, sort: OffreSort) -> jobs_pb2.SearchOffresRequest:
    return jobs_pb2.SearchOffresRequest(
        romes=criteria.employeur_romes,
        zone=criteria.zone,
        niveau=wire_number(criteria.niveau),
        sort=wire_number(sort),
    )


def recruteurs_request(
    criteria: SearchCriteria, sort: RecruteurSort
) -> prediction_pb2.SearchRecruteursRequest:
    return prediction_pb2.SearchRecruteursRequest(
        romes=criteria.employeur_romes,
        zone=criteria.zone,
        sort=wire_number(sort),
    )


def select_raisons(request: prediction_pb2.SearchRecruteursRequest, info: Info) -> None:
    """Request the reasons that the query selects: those of the edges, those of the employers, both or none.

    Both kinds cost the same, and only what is selected is computed.
    """
    request.with_raisons = info.selects_path("edges", "raisons")
    employers = ("node", "aussiDans")
    request.with_raisons_generales = any(info.selects_path("edges", each, "raisons") for each in employers)
