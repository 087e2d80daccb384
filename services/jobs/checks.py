"""Finds the problems of requests, field by field."""

from __future__ import annotations

from protos import geo_pb2, jobs_pb2
from services.common.checks import enum_problems, first_problems, list_problems
from services.common.errors import Problem
from services.france.checks import departement_problems, insee_problems, niveau_problems, romes_problems


def search_problems(request: jobs_pb2.SearchOffresRequest) -> list[Problem]:
    """All problems except those of the zone's geometry and of the cursor."""
    return [
        *romes_problems("romes", request.romes),
        *enum_problems("sort", request.sort, jobs_pb2.OffreSort.DESCRIPTOR, "un ordre connu"),
        *niveau_problems("niveau", request.niveau),
        *first_problems(request.first),
        *_code_problems(request.zone),
    ]


def offre_problems(request: jobs_pb2.GetOffreRequest) -> list[Problem]:
    return [] if request.id else [Problem("id", "obligatoire : l'identifiant d'une offre, « 048KLTP »")]


def _code_problems(zone: geo_pb2.Zone) -> list[Problem]:
    communes, departements = zone.communes, zone.departements
    return [
        *list_problems("zone.communes", communes, insee_problems, 0, len(communes)),
        *list_problems("zone.departements", departements, departement_problems, 0, len(departements)),
    ]
