"""The criteria of a search: their input types, and their checks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import strawberry

from gateway.types.niveau import Niveau
from gateway.upstream.referentiel import Referentiel
from protos import catalogue_pb2, geo_pb2
from services.common.checks import length_problems, list_problems, range_problems
from services.common.errors import InvalidRequest, Problem
from services.france.checks import known_rome_problems, rncp_problems, rome_domaine_problems
from services.france.geo import MAX_RAYON_KM, Point, point_problems

MAX_CODES = 50
MAX_TEXT_CHARS = 200


@strawberry.input(description="Un cercle autour d'un point.")
class AroundInput:
    """Checked by `read_criteria`."""

    latitude: float = strawberry.field(description="En degrés, de -90 à 90.")
    longitude: float = strawberry.field(description="En degrés, de -180 à 180.")
    rayon_km: float = strawberry.field(
        default=30, description="De 0 à 200 km ; 0 : la commune où est le point."
    )


@strawberry.input(description="Une commune et ses environs.")
class AroundCommuneInput:
    """Checked by `read_criteria`."""

    insee: str = strawberry.field(description="Code INSEE de la commune ou de l'arrondissement.")
    rayon_km: float = strawberry.field(default=30, description="De 0 à 200 km ; 0 : la commune elle-même.")


@strawberry.input(one_of=True, description="Où chercher : un seul de ces champs.")
class ZoneInput:
    """Resolved by the catalogue, except a circle around a point."""

    around: strawberry.Maybe[AroundInput] = strawberry.field(description="Un cercle autour d'un point.")
    commune: strawberry.Maybe[AroundCommuneInput] = strawberry.field(
        description="Une commune et ses environs."
    )
    departement: strawberry.Maybe[str] = strawberry.field(
        description="Code d'un département : « 01 », « 2A », « 974 » ; « 20 » pour toute la Corse."
    )
    region: strawberry.Maybe[str] = strawberry.field(description="Code INSEE d'une région : « 11 ».")
    france: strawberry.Maybe[bool] = strawberry.field(description="Tout le pays.")


@strawberry.input(description="Ce que l'on cherche. Donnez au moins un champ.")
class SearchCriteriaInput:
    """Checked by `read_criteria`."""

    romes: list[str] | None = strawberry.field(
        default=None, description="Codes ROME, 50 au plus ; l'un ou l'autre convient. Exclut romeDomaine."
    )
    rome_domaine: str | None = strawberry.field(
        default=None, description="Début de codes ROME : une lettre, ou une lettre et deux chiffres."
    )
    rncps: list[str] | None = strawberry.field(
        default=None, description="Codes de certification, 50 au plus : « RNCP37537 »."
    )
    texte: str | None = strawberry.field(
        default=None,
        description="Mots de la formation, du diplôme, de l'organisme ou de la ville ; 200 caractères "
        "au plus. Ne filtre que les formations.",
    )
    niveau: Niveau | None = strawberry.field(default=None, description="Niveau du diplôme visé.")
    zone: ZoneInput | None = strawberry.field(default=None, description="Où ; absent : toute la France.")


@dataclass(frozen=True)
class SearchCriteria:
    """Checked criteria, with their zone resolved."""

    romes: tuple[str, ...]
    """The codes of the request, each once."""
    rome_domaine: str | None
    rncps: tuple[str, ...]
    texte: str
    niveau: Niveau | None
    zone: geo_pb2.Zone
    employeur_romes: tuple[str, ...]
    """The codes that employers are searched by: `romes`, or those of the domain; may be empty."""


async def read_criteria(criteria: SearchCriteriaInput, referentiel: Referentiel) -> SearchCriteria:
    """Check the criteria and resolve their zone. Raises InvalidRequest with every problem."""
    known = await referentiel.romes()
    problems = _code_problems(criteria, known)
    zone = geo_pb2.Zone()
    if criteria.zone is not None:
        zone_problems = _zone_problems(criteria.zone)
        problems += zone_problems
        if not zone_problems:
            try:
                zone = await _resolve(criteria.zone, referentiel)
            except InvalidRequest as error:
                problems += [Problem(f"criteria.zone.{p.field}", p.message) for p in error.problems]
    if problems:
        raise InvalidRequest(problems)
    romes = tuple(dict.fromkeys(criteria.romes or ()))
    domaine = criteria.rome_domaine
    in_domaine = [code for code in sorted(known) if domaine and code.startswith(domaine)]
    return SearchCriteria(
        romes=romes,
        rome_domaine=domaine,
        rncps=tuple(criteria.rncps or ()),
        texte=criteria.texte or "",
        niveau=criteria.niveau,
        zone=zone,
        employeur_romes=romes or tuple(in_domaine[:MAX_CODES]),
    )


def _code_problems(criteria: SearchCriteriaInput, known_romes: frozenset[str]) -> list[Problem]:
    problems = []
    if not any((criteria.romes, criteria.rome_domaine, criteria.rncps, criteria.texte, criteria.zone)):
        message = "aucun critère ; donnez au moins romes, romeDomaine, rncps, texte ou zone"
        problems.append(Problem("criteria", message))
    if criteria.romes and criteria.rome_domaine:
        problems.append(Problem("criteria.romeDomaine", "s'exclut avec romes ; donnez l'un des deux"))
    problems += length_problems("criteria.texte", criteria.texte or "", 0, MAX_TEXT_CHARS)
    known_rome = partial(known_rome_problems, known=known_romes)
    problems += list_problems("criteria.romes", criteria.romes or (), known_rome, 0, MAX_CODES)
    problems += list_problems("criteria.rncps", criteria.rncps or (), rncp_problems, 0, MAX_CODES)
    if criteria.rome_domaine is not None:
        problems += rome_domaine_problems("criteria.romeDomaine", criteria.rome_domaine)
    return problems


def _zone_problems(zone: ZoneInput) -> list[Problem]:
    problems = []
    if zone.around is not None:
        around = zone.around.value
        problems += point_problems("criteria.zone.around", Point(around.latitude, around.longitude))
        problems += range_problems("criteria.zone.around.rayonKm", around.rayon_km, 0, MAX_RAYON_KM, "km")
    if zone.commune is not None:
        rayon_km = zone.commune.value.rayon_km
        problems += range_problems("criteria.zone.commune.rayonKm", rayon_km, 0, MAX_RAYON_KM, "km")
    if zone.france is not None and not zone.france.value:
        problems.append(Problem("criteria.zone.france", "false ne veut rien dire ici ; donnez true"))
    return problems


async def _resolve(zone: ZoneInput, referentiel: Referentiel) -> geo_pb2.Zone:
    request = catalogue_pb2.ResolveZoneRequest()
    if zone.around is not None:
        around = zone.around.value
        point = geo_pb2.Point(latitude=around.latitude, longitude=around.longitude)
        if around.rayon_km > 0:
            # A circle needs no table, so it can be searched even when the catalogue is away.
            return geo_pb2.Zone(origin=point, rayon_km=around.rayon_km)
        request.around.point.CopyFrom(point)
        request.around.rayon_km = around.rayon_km
    elif zone.commune is not None:
        request.commune.insee = zone.commune.value.insee
        request.commune.rayon_km = zone.commune.value.rayon_km
    elif zone.departement is not None:
        request.departement = zone.departement.value
    elif zone.region is not None:
        request.region = zone.region.value
    else:
        return geo_pb2.Zone()
    resolved = await referentiel.resolve_zone(request)
    return resolved.zone
