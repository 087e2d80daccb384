"""The schema: a list of what each domain brings, and the limits that every operation meets."""

from __future__ import annotations

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from gateway.besoin import BesoinMatcha
from gateway.binding import check_bindings, read_field
from gateway.commune import CommuneQuery
from gateway.context import Info
from gateway.create_besoin import BesoinMutation
from gateway.execution.documents import Documents
from gateway.execution.executor import plan_executor
from gateway.formation import Etablissement, FormationQuery
from gateway.limits import DEFAULT_LIMITS, Limits
from gateway.metier import MetierQuery
from gateway.nodes import NodeQuery
from gateway.offre import Offre
from gateway.operation import Operation
from gateway.recruteur import RecruteurProbable
from gateway.rendez_vous import RendezVousMutation
from gateway.row_fields import call_directly
from gateway.search import SearchQuery


@strawberry.type(description="Ce que l'on peut lire.")
class Query(SearchQuery, FormationQuery, NodeQuery, MetierQuery, CommuneQuery):
    """Root of queries."""


@strawberry.type(description="Ce que l'on peut faire.")
class Mutation(BesoinMutation, RendezVousMutation):
    """Root of mutations."""


class Schema(strawberry.Schema):
    """Leaves the logging of errors to `make_public`, which knows those that were expected."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing: see the class."""


def build_schema(limits: Limits = DEFAULT_LIMITS, *, plans: bool = True) -> Schema:
    """The schema, with compiled query plans or graphql-core alone.

    Raises TypeError when a type does not agree with its message.
    """
    documents = Documents()
    schema = Schema(
        query=Query,
        mutation=Mutation,
        types=[Etablissement, Offre, BesoinMatcha, RecruteurProbable],
        config=StrawberryConfig(default_resolver=read_field, info_class=Info),
        extensions=[lambda: Operation(documents, limits)],
        execution_context_class=plan_executor(documents) if plans else None,
    )
    core = schema._schema  # noqa: SLF001 - strawberry gives the graphql-core schema no other name
    check_bindings(core)
    call_directly(core)
    return schema
