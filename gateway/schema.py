"""The schema: the query and mutation fields of each noun, and the limits of operations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext
from strawberry.types.graphql import OperationType

from gateway.context import Info
from gateway.errors import make_public
from gateway.execution.admission import Admission
from gateway.execution.binding import check_bindings, read_field
from gateway.execution.cost_model import CostModel
from gateway.execution.documents import Documents
from gateway.execution.executor import plan_executor
from gateway.execution.limits import DEFAULT_LIMITS, Limits
from gateway.execution.operation import ChosenOperation, Operation
from gateway.execution.row_fields import call_directly
from gateway.search.query import SearchQuery
from gateway.types.besoin_mutation import BesoinMutation
from gateway.types.commune import CommuneQuery
from gateway.types.formation import FormationQuery
from gateway.types.metier import MetierQuery
from gateway.types.node import NodeType
from gateway.types.node_query import NODES, NodeQuery, check_nodes
from gateway.types.rendez_vous_mutation import RendezVousMutation
from gateway.types.scalars import SCALARS


@strawberry.type(description="Ce que l'on peut lire.")
class Query(SearchQuery, FormationQuery, NodeQuery, MetierQuery, CommuneQuery):
    """Root of queries."""


@strawberry.type(description="Ce que l'on peut faire.")
class Mutation(BesoinMutation, RendezVousMutation):
    """Root of mutations."""


class Schema(strawberry.Schema):
    """Makes the errors of every answer public, and runs only the chosen operation, if it is admitted."""

    admission: Admission | None = None

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Make the errors public. strawberry calls it with all errors of each answer."""
        make_public(errors, executed=execution_context is not None and execution_context.result is not None)

    def _create_execution_context(  # noqa: PLR0913, PLR0917 - strawberry's signature
        self,
        query: str | None,
        allowed_operation_types: Iterable[OperationType],
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionContext:
        chosen = ChosenOperation(
            query=query,
            schema=self,
            allowed_operations=allowed_operation_types,
            context=context_value,
            root_value=root_value,
            variables=variable_values,
            provided_operation_name=operation_name,
            operation_extensions=operation_extensions,
        )
        chosen.admission = self.admission
        return chosen


def build_schema(
    limits: Limits = DEFAULT_LIMITS, *, plans: bool = True, nodes: Sequence[NodeType] = NODES
) -> Schema:
    """The schema, with compiled query plans or graphql-core alone.

    Raises TypeError when a type does not agree with its message, has global ids and is not in `nodes`, or has
    a list of unknown size.
    """
    documents = Documents()
    schema = Schema(
        query=Query,
        mutation=Mutation,
        types=[node.cls for node in nodes],
        config=StrawberryConfig(default_resolver=read_field, info_class=Info, scalar_map=dict(SCALARS)),
        extensions=[lambda: Operation(documents, limits)],
        execution_context_class=plan_executor(documents) if plans else None,
    )
    core = schema._schema  # noqa: SLF001 - strawberry gives the graphql-core schema no other name
    check_bindings(core)
    check_nodes(core, nodes)
    call_directly(core, Info)
    schema.admission = Admission(CostModel(core), limits, documents)
    return schema
