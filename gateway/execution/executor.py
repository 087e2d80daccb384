"""graphql-core's executor, with plans for the plain parts of an answer.

Roots, arguments, variables, permissions, resolvers, introspection and mutation order stay with
graphql-core. Where it would complete an object field by field, or a list item by item, a plan may do it
in one call; when a value is not as planned, nothing was recorded and no resolver was run, and
graphql-core completes the same value from the start.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from graphql import GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo
from graphql.pyutils import AwaitableOrValue, Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.execution.classes import KnownClasses, is_plain_list
from gateway.execution.compiler import Compiler
from gateway.execution.documents import Documents
from gateway.execution.gaps import fill, fill_list
from gateway.execution.plans import (
    COMPLETED,
    FALLBACK,
    REPLAYED,
    UNPLANNED,
    ListPlan,
    ObjectPlan,
    PlanTable,
    count_fallback,
)
from gateway.execution.selection import Details, NotCompilable, node_ids

_Grouped = dict[str, Details]


class PlanExecutor(StrawberryGraphQLCoreExecutionContext):
    """Use `plan_executor` to have one that knows its documents."""

    documents: ClassVar[Documents]
    known: ClassVar[KnownClasses]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A middleware sees every field, even the plain ones.
        in_the_way = self.middleware_manager is not None and self.middleware_manager.middlewares
        plans = None if in_the_way else self.documents.plans(self.operation)
        self._table = plans.table(self.variable_values.coerced) if plans else None
        # Selections are the same objects throughout one execution: what was found for one is kept,
        # with the selection itself, so that its id names nothing else meanwhile.
        self._of_objects: dict[int, tuple[_Grouped, ObjectPlan | None]] = {}
        self._of_lists: dict[tuple[int, int], tuple[Details, ListPlan | None]] = {}
        if self._table is None:
            UNPLANNED.inc()

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path | None,
        grouped_field_set: _Grouped,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        """As graphql-core: the basic fields by a plan, the others after them."""
        plan = None
        if self._table is not None and position_context is None:
            plan = self._object_plan(self._table, parent_type, grouped_field_set)
        if plan is None:
            return super().execute_fields(
                parent_type, source_value, path, grouped_field_set, position_context
            )
        complete, gaps = plan
        try:
            results = complete(source_value)
        except Exception:  # noqa: BLE001 - whatever it is, graphql-core gives it its name and its place
            REPLAYED.inc()
            return super().execute_fields(
                parent_type, source_value, path, grouped_field_set, position_context
            )
        COMPLETED.inc()
        return fill(self, gaps, source_value, results, path) if gaps else results

    def complete_iterable_value(  # noqa: PLR0913, PLR0917 - the same
        self,
        item_type: GraphQLOutputType,
        field_details_list: Details,
        info: GraphQLResolveInfo[Any],
        path: Path,
        items: Iterable[Any],
        position_context: Any,
    ) -> AwaitableOrValue[list[Any]]:
        """As graphql-core: the basic fields of all objects by a plan, the others after them."""
        plan = None
        if self._table is not None and position_context is None and is_plain_list(items):
            plan = self._list_plan(self._table, item_type, field_details_list)
        if plan is not None:
            complete, gaps = plan
            try:
                results = complete(items)
            except Exception:  # noqa: BLE001 - as above
                REPLAYED.inc()
            else:
                COMPLETED.inc()
                return fill_list(self, gaps, items, results, path) if gaps else results
        return super().complete_iterable_value(
            item_type, field_details_list, info, path, items, position_context
        )

    def _object_plan(
        self, table: PlanTable, parent_type: GraphQLObjectType, grouped: _Grouped
    ) -> ObjectPlan | None:
        found = self._of_objects.get(id(grouped))
        if found is None:
            plans = table.objects
            # Nodes say which fields are selected, and under which names.
            key = (parent_type.name, *[id(field.node) for each in grouped.values() for field in each])
            if key not in plans:
                plans[key] = self._compiler().plain_fields(parent_type, grouped)
            if plans[key] is None:
                FALLBACK.inc()
            found = self._of_objects[id(grouped)] = (grouped, plans[key])
        return found[1]

    def _list_plan(self, table: PlanTable, item_type: GraphQLOutputType, details: Details) -> ListPlan | None:
        found = self._of_lists.get((id(item_type), id(details)))
        if found is None:
            plans = table.lists
            key = (str(item_type), node_ids(details))
            if key not in plans:
                try:
                    plans[key] = self._compiler().whole_list(item_type, details)
                except NotCompilable as reason:
                    count_fallback(reason)
                    plans[key] = None
            if plans[key] is None:
                FALLBACK.inc()
            found = self._of_lists[(id(item_type), id(details))] = (details, plans[key])
        return found[1]

    def _compiler(self) -> Compiler:
        return Compiler(self.schema, self.collect_subfields, self.known)


def plan_executor(documents: Documents) -> type[PlanExecutor]:
    """The executor of one schema."""
    return type(
        "SchemaPlanExecutor",
        (PlanExecutor,),
        {"documents": documents, "known": KnownClasses()},
    )
