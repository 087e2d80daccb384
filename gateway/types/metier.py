"""Jobs, by the names that people use and by their ROME codes."""

from __future__ import annotations

from typing import Annotated

import strawberry

from gateway.arguments import on_arguments
from gateway.context import Info
from gateway.execution.binding import as_list_of, as_type, bind
from gateway.execution.cost_directives import SIZED_BY_FIRST, holds, weighs
from protos import catalogue_pb2 as pb
from protos.services import CATALOGUE
from services.common.checks import raise_if_any
from services.common.errors import InvalidRequest, NotFound
from services.france.checks import rome_problems


@bind(pb.Rome, description="Un code métier du répertoire de France Travail.")
class Rome:
    """Bound to lba.catalogue.v1.Rome."""

    code: str = strawberry.field(description="Une lettre et quatre chiffres : « D1102 ».")
    libelle: str = strawberry.field(description="Libellé du code.")


@bind(pb.Metier, description="Un métier, comme une personne le nomme.")
class Metier:
    """Bound to lba.catalogue.v1.Metier."""

    libelle: str = strawberry.field(description="Nom du métier.")
    romes: list[Rome] = strawberry.field(
        directives=[holds(5)], description="Les codes avec lesquels chercher, le meilleur d'abord."
    )
    rncps: list[str] = strawberry.field(description="Certifications qui y mènent.")
    formations_count: int = strawberry.field(description="Nombre de formations du catalogue qui y mènent.")
    diplome: bool = strawberry.field(description="Vrai si c'est l'intitulé d'un diplôme.")


async def _metiers(
    info: Info,
    texte: Annotated[str, strawberry.argument(description="Ce que la personne a tapé, 1 à 100 caractères.")],
    first: Annotated[int, strawberry.argument(description="Nombre de propositions, de 1 à 50.")] = 10,
) -> list[Metier]:
    catalogue = info.context.clients[CATALOGUE]
    request = pb.SuggestMetiersRequest(texte=texte, first=first)
    try:
        answer = await catalogue.read(catalogue.stub.SuggestMetiers, request)
    except InvalidRequest as error:
        raise on_arguments(error) from error
    return as_list_of(Metier, answer.metiers)


async def _rome(
    info: Info,
    code: Annotated[str, strawberry.argument(description="Une lettre et quatre chiffres : « D1102 ».")],
) -> Rome:
    raise_if_any(rome_problems("code", code))
    rome = await info.context.loaders.romes.load(code)
    if rome is None:
        raise NotFound(f"code : aucun métier « {code} » ; cherchez-en un avec metiers(texte:)")
    return as_type(Rome, rome)


@strawberry.type
class MetierQuery:
    """Fields of Query."""

    metiers: list[Metier] | None = strawberry.field(
        directives=[weighs(60), SIZED_BY_FIRST],
        resolver=_metiers,
        description="Propose métiers et diplômes pendant la frappe ; tolère accents, pluriels et une faute.",
    )
    rome: Rome | None = strawberry.field(
        directives=[weighs(5)], resolver=_rome, description="Un code métier, avec son libellé."
    )
