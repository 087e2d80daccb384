"""The schema: a list of what each domain brings, and the limits that every operation meets."""

from __future__ import annotations

from collections.abc import Callable

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter, SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from gateway.besoin import BesoinMatcha
from gateway.binding import check_bindings, read_field
from gateway.commune import CommuneQuery
from gateway.context import Info
from gateway.create_besoin import BesoinMutation
from gateway.errors import PublicErrors
from gateway.execution.documents import DocumentCache, Documents
from gateway.execution.executor import plan_executor
from gateway.formation import Etablissement, FormationQuery
from gateway.limits import SelectionLimiter
from gateway.metier import MetierQuery
from gateway.nodes import NodeQuery
from gateway.offre import Offre
from gateway.recruteur import RecruteurProbable
from gateway.rendez_vous import RendezVousMutation
from gateway.search import SearchQuery


@strawberry.type(description="Ce que l'on peut lire.")
class Query(SearchQuery, FormationQuery, NodeQuery, MetierQuery, CommuneQuery):
    """Root of queries."""


@strawberry.type(description="Ce que l'on peut faire.")
class Mutation(BesoinMutation, RendezVousMutation):
    """Root of mutations."""


class Schema(strawberry.Schema):
    """Leaves the logging of errors to `PublicErrors`, which knows those that were expected."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing: see the class."""


def build_schema(
    *,
    max_depth: int = 12,
    max_aliases: int = 30,
    max_tokens: int = 2_000,
    max_selections: int = 500,
    plans: bool = True,
) -> Schema:
    """The schema with its limits, and with compiled query plans or graphql-core alone.

    Raises TypeError when a type does not agree with its message.
    """
    documents = Documents()
    extensions: list[Callable[[], SchemaExtension]] = [
        PublicErrors,
        lambda: DocumentCache(documents),
        lambda: SelectionLimiter(max_selections=max_selections),
        lambda: MaxTokensLimiter(max_token_count=max_tokens),
        lambda: MaxAliasesLimiter(max_alias_count=max_aliases),
        lambda: QueryDepthLimiter(max_depth=max_depth),
    ]
    schema = Schema(
        query=Query,
        mutation=Mutation,
        types=[Etablissement, Offre, BesoinMatcha, RecruteurProbable],
        config=StrawberryConfig(default_resolver=read_field, info_class=Info),
        extensions=extensions,
        execution_context_class=plan_executor(documents) if plans else None,
    )
    check_bindings(schema._schema)  # noqa: SLF001 - strawberry gives the graphql-core schema no other name
    return schema
