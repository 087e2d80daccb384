"""The plans of cached documents, and their metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)
from prometheus_client import Counter

from gateway.execution.gaps import Gaps
from gateway.execution.selection import NotCompilable

PLANS = Counter(
    "lba_plans_total",
    "Values completed by a plan, and those that graphql-core completed, by the reason.",
    ["how"],
)
COMPLETED = PLANS.labels("compiled")
REPLAYED = PLANS.labels("replayed")
"""A value was not as planned."""
FALLBACK = PLANS.labels("not_compilable")
"""Nothing in the selection can be compiled; `lba_plan_fallbacks_total` has the reasons."""
UNPLANNED = PLANS.labels("first_sight")
"""The document is not cached yet, or it has the maximum number of plans."""
TRANSCODED = PLANS.labels("transcoded")
"""A list was written from its bytes."""
UNUSUAL_BYTES = PLANS.labels("unusual_bytes")
"""The transcoder refused the bytes of a list, so the Python plan completed it."""

FALLBACKS = Counter(
    "lba_plan_fallbacks_total",
    "Fields left to graphql-core in the plans that were made, and why.",
    ["field", "why"],
)

ObjectPlan = tuple[Callable[[Any], dict[str, Any]], Gaps | None]
ListPlan = tuple[Callable[[Any], list[Any]], Gaps | None]

_MAX_PLANS = 500
_ABSENT = object()


def count_fallback(reason: NotCompilable) -> None:
    """Count a field that a new plan leaves to graphql-core: once for each plan, not for each answer."""
    FALLBACKS.labels(reason.field, reason.why).inc()


class DocumentPlans:
    """The plans of one operation, for each combination of the variables in its @skip and @include; its costs.

    The keys of plans are ids of AST nodes, which are valid as long as the document is cached.
    """

    def __init__(self, operation: OperationDefinitionNode, fragments: dict[str, Any]) -> None:
        self.operation = operation
        self._variables = tuple(sorted(set(_condition_variables(operation.selection_set, fragments, set()))))
        self._by_values: dict[tuple[Any, ...], PlanTable] = {}
        self._integers = tuple(integer_variables(operation))
        self._costs: dict[tuple[object, ...], int] = {}

    def table(self, values: dict[str, Any]) -> PlanTable | None:
        """The plans for the variables of this request; None if the operation has _MAX_PLANS tables."""
        key = tuple(values.get(name) for name in self._variables)
        table = self._by_values.get(key)
        if table is None and len(self._by_values) < _MAX_PLANS:
            table = self._by_values[key] = PlanTable()
        return table

    def cost(self, variables: Mapping[str, Any]) -> int | None:
        """The cost that was kept for these values of the variables of type Int; None if none was."""
        key = self._sizes(variables)
        return None if key is None else self._costs.get(key)

    def keep_cost(self, variables: Mapping[str, Any], cost: int) -> None:
        key = self._sizes(variables)
        if key is not None and len(self._costs) < _MAX_PLANS:
            self._costs[key] = cost

    def _sizes(self, variables: Mapping[str, Any]) -> tuple[object, ...] | None:
        sizes = tuple(variables.get(name, _ABSENT) for name in self._integers)
        well_formed = all(size is _ABSENT or size is None or type(size) is int for size in sizes)
        return sizes if well_formed else None


class PlanTable:
    """Plans by selection; None for a selection that can't be compiled."""

    def __init__(self) -> None:
        self.objects: dict[tuple[Any, ...], ObjectPlan | None] = {}
        self.lists: dict[tuple[Any, ...], ListPlan | None] = {}


def _condition_variables(
    selection_set: SelectionSetNode | None, fragments: dict[str, Any], seen: set[str]
) -> Iterator[str]:
    """The names of the variables in @skip and @include."""
    for node in selection_set.selections if selection_set else ():
        for directive in node.directives or ():
            if directive.name.value in ("skip", "include"):
                for argument in directive.arguments or ():
                    if isinstance(argument.value, VariableNode):
                        yield argument.value.name.value
        if isinstance(node, FieldNode | InlineFragmentNode):
            yield from _condition_variables(node.selection_set, fragments, seen)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            definition = fragments.get(node.name.value)
            yield from _condition_variables(definition.selection_set if definition else None, fragments, seen)


def integer_variables(operation: OperationDefinitionNode) -> Iterator[str]:
    """The variables that may say how long a list is."""
    for definition in operation.variable_definitions or ():
        wanted = definition.type.type if isinstance(definition.type, NonNullTypeNode) else definition.type
        if isinstance(wanted, NamedTypeNode) and wanted.name.value == "Int":
            yield definition.variable.name.value
