"""graphql-core's executor, which completes basic fields by compiled plans.

graphql-core keeps root fields, arguments, variables, permissions, resolvers, introspection and the order of
mutations. Where it would complete an object field by field, or a list item by item, a plan may do so in one
call. When a value is not as planned, the plan has recorded no error and run no resolver, so graphql-core
completes the same value from the start.
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
    """The base class of executors; `plan_executor` makes the subclass for one schema."""

    documents: ClassVar[Documents]
    known: ClassVar[KnownClasses]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A middleware must see every field, so plans are off when there is one.
        has_middleware = self.middleware_manager is not None and self.middleware_manager.middlewares
        plans = None if has_middleware else self.documents.plans(self.operation)
        self._table = plans.table(self.variable_values.coerced) if plans else None
        # A selection is the same object throughout one execution, so its id is the key. The value holds
        # a reference to the selection, so that the id is not reused.
        self._object_plans: dict[int, tuple[_Grouped, ObjectPlan | None]] = {}
        self._list_plans: dict[tuple[int, int], tuple[Details, ListPlan | None]] = {}
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
        """Override of graphql-core: complete the basic fields by a plan, then the others."""
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
        except Exception:  # noqa: BLE001 - graphql-core completes the value again and reports the error
            REPLAYED.inc()
            return super().execute_fields(
                parent_type, source_value, path, grouped_field_set, position_context
            )
        COMPLETED.inc()
        return fill(self, gaps, source_value, results, path) if gaps else results

    def complete_iterable_value(  # noqa: PLR0913, PLR0917 - graphql-core's signature
        self,
        item_type: GraphQLOutputType,
        field_details_list: Details,
        info: GraphQLResolveInfo[Any],
        path: Path,
        items: Iterable[Any],
        position_context: Any,
    ) -> AwaitableOrValue[list[Any]]:
        """Override of graphql-core: complete the basic fields of all objects by a plan, then the others."""
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
        found = self._object_plans.get(id(grouped))
        if found is None:
            plans = table.objects
            # The AST nodes determine the selected fields and their response names.
            key = (parent_type.name, *[id(field.node) for each in grouped.values() for field in each])
            if key not in plans:
                plans[key] = self._compiler().compile_object(parent_type, grouped)
            if plans[key] is None:
                FALLBACK.inc()
            found = self._object_plans[id(grouped)] = (grouped, plans[key])
        return found[1]

    def _list_plan(self, table: PlanTable, item_type: GraphQLOutputType, details: Details) -> ListPlan | None:
        found = self._list_plans.get((id(item_type), id(details)))
        if found is None:
            plans = table.lists
            key = (str(item_type), node_ids(details))
            if key not in plans:
                try:
                    plans[key] = self._compiler().compile_list(item_type, details)
                except NotCompilable as reason:
                    count_fallback(reason)
                    plans[key] = None
            if plans[key] is None:
                FALLBACK.inc()
            found = self._list_plans[(id(item_type), id(details))] = (details, plans[key])
        return found[1]

    def _compiler(self) -> Compiler:
        return Compiler(self.schema, self.collect_subfields, self.known)


def plan_executor(documents: Documents) -> type[PlanExecutor]:
    """The executor class for one schema."""
    return type(
        "SchemaPlanExecutor",
        (PlanExecutor,),
        {"documents": documents, "known": KnownClasses()},
    )
