"""The typical query with the types and the executor of this gateway, on a schema of two root fields."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

import strawberry
from strawberry.schema.config import StrawberryConfig

from gateway.execution.binding import as_list_of, read_field
from gateway.execution.documents import Documents
from gateway.execution.executor import plan_executor
from gateway.execution.limits import DEFAULT_LIMITS
from gateway.execution.operation import Operation
from gateway.schema import Schema
from gateway.types.formation import FormationEdge
from gateway.types.recruteur import RecruteurEdge
from gateway.types.scalars import SCALARS
from protos import catalogue_pb2, prediction_pb2

QUERY = """query Typique {
  formations { edges { distanceKm node {
    intitule niveau diplome cfd rncp intituleRncp gestionnaireSiret sessions majLe source fictive
    etablissement { siret raisonSociale } lieu { commune } } } }
  recruteurs { edges { distanceKm node {
    siret raisonSociale enseigne trancheEffectif score fictive
    naf { code libelle } lieu { commune } } } }
}"""


class Services(Protocol):
    """The source of the two answers: recorded bytes, or gRPC."""

    def formations(self) -> Awaitable[catalogue_pb2.SearchFormationsResponse]: ...

    def recruteurs(self) -> Awaitable[prediction_pb2.SearchRecruteursResponse]: ...


@strawberry.type
class Formations:
    """A page."""

    edges: list[FormationEdge]


@strawberry.type
class Recruteurs:
    """A page."""

    edges: list[RecruteurEdge]


async def _formations(info: strawberry.Info[Services, None]) -> Formations:
    answer = await info.context.formations()
    return Formations(edges=as_list_of(FormationEdge, answer.edges))


async def _recruteurs(info: strawberry.Info[Services, None]) -> Recruteurs:
    answer = await info.context.recruteurs()
    return Recruteurs(edges=as_list_of(RecruteurEdge, answer.edges))


@strawberry.type
class Query:
    """The two root fields."""

    formations: Formations = strawberry.field(resolver=_formations)
    recruteurs: Recruteurs = strawberry.field(resolver=_recruteurs)


def schema() -> Schema:
    """The schema, with plans, document cache, limits and public errors like the gateway's own."""
    documents = Documents()
    return Schema(
        query=Query,
        config=StrawberryConfig(default_resolver=read_field, scalar_map=dict(SCALARS)),
        extensions=[lambda: Operation(documents, DEFAULT_LIMITS)],
        execution_context_class=plan_executor(documents),
    )
