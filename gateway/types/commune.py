"""Communes: by code, or proposed while a person types."""

from __future__ import annotations

from typing import Annotated

import strawberry

from gateway.arguments import on_arguments
from gateway.context import Info
from gateway.execution.binding import as_list_of, as_type, bind
from gateway.execution.cost_directives import SIZED_BY_FIRST, weighs
from gateway.types.lieu import Point
from protos import catalogue_pb2 as pb
from protos.services import CATALOGUE
from services.common.checks import raise_if_any
from services.common.errors import InvalidRequest, NotFound
from services.france.checks import insee_problems


@bind(pb.Commune, description="Une commune, ou un arrondissement de Paris, Lyon ou Marseille.")
class Commune:
    """Bound to lba.catalogue.v1.Commune."""

    insee: str = strawberry.field(description="Code INSEE, à donner à `zone.commune`.")
    nom: str = strawberry.field(description="Nom officiel.")
    codes_postaux: list[str] = strawberry.field(description="Ses codes postaux.")
    population: int = strawberry.field(description="Nombre d'habitants.")
    departement: str = strawberry.field(description="Code du département.")
    departement_nom: str = strawberry.field(description="Nom du département.")
    region: str = strawberry.field(description="Code de la région.")
    region_nom: str = strawberry.field(description="Nom de la région.")
    point: Point | None = strawberry.field(description="Coordonnées de son centre.")
    commune_parente: str | None = strawberry.field(
        description="Pour un arrondissement : code INSEE de la ville."
    )


async def _communes(
    info: Info,
    texte: Annotated[
        str, strawberry.argument(description="Début d'un nom ou d'un code postal, 1 à 100 caractères.")
    ],
    first: Annotated[int, strawberry.argument(description="Nombre de propositions, de 1 à 50.")] = 10,
) -> list[Commune]:
    catalogue = info.context.clients[CATALOGUE]
    request = pb.SuggestCommunesRequest(texte=texte, first=first)
    try:
        answer = await catalogue.read(catalogue.stub.SuggestCommunes, request)
    except InvalidRequest as error:
        raise on_arguments(error) from error
    return as_list_of(Commune, answer.communes)


async def _commune(
    info: Info,
    insee: Annotated[
        str,
        strawberry.argument(
            description="Code INSEE : « 35238 », « 2A004 » ; celui d'avant une fusion convient."
        ),
    ],
) -> Commune:
    code = insee.strip().upper()
    raise_if_any(insee_problems("insee", code))
    commune = await info.context.loaders.communes.load(code)
    if commune is None:
        raise NotFound(
            f"insee : aucune commune n'a le code INSEE « {insee} », qui n'est pas le code postal ; "
            "cherchez-la avec communes(texte:)"
        )
    return as_type(Commune, commune)


@strawberry.type
class CommuneQuery:
    """Fields of Query."""

    communes: list[Commune] | None = strawberry.field(
        directives=[weighs(60), SIZED_BY_FIRST],
        resolver=_communes,
        description="Propose des communes pendant la frappe, la plus peuplée d'abord.",
    )
    commune: Commune | None = strawberry.field(
        directives=[weighs(5)],
        resolver=_commune,
        description="Une commune d'aujourd'hui, par son code INSEE.",
    )
