"""The cost of an operation in points, computed from the schema and the document before anything runs.

    cost of a selection   the sum over its fields, each response name once
    cost of a field       its @cost, and for each object that it returns 1 and the cost of its selection
    objects of a list     its @listSize: an argument, or an assumed number

Of an interface or a union, the dearest of the possible types counts. Fields with @skip or @include count too.
The directives are those of https://ibm.github.io/graphql-specs/cost-spec.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, inf
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from gateway.execution.cost_model import CostModel, FieldCost
from services.common.checks import MAX_FIRST

_MAX_DIGITS = 6
"""A number with more digits is above MAX_FIRST."""

_Sizes = tuple[tuple[str, float], ...]
"""By name, how many objects the fields of a connection hold."""


def operation_cost(
    model: CostModel,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    enough: float = inf,
) -> int:
    """The points of an operation, rounded up, or of its first fields once they cost more than `enough`.

    `variables` are as received, before any check. The document may be invalid: what the schema does not know
    costs nothing. No fragment may spread itself, which `limits.py` checks.
    """
    root = model.schema.get_root_type(operation.operation)
    if root is None:
        return 0
    estimate = _Estimate(model, document, operation, variables)
    total = 0.0
    for points in estimate.fields(root, (operation.selection_set,), ()):
        total += points
        if total > enough:
            break
    return ceil(total)


class _Estimate:
    def __init__(
        self,
        model: CostModel,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._model = model
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        definitions = operation.variable_definitions or ()
        self._defaults = {each.variable.name.value: each.default_value for each in definitions}
        self._given = variables
        # Fragments may lead to one selection by many ways, so each is counted once.
        self._known: dict[tuple[str, tuple[int, ...], _Sizes], float] = {}

    def fields(
        self, of: GraphQLObjectType, selections: tuple[SelectionSetNode, ...], sizes: _Sizes
    ) -> Iterator[float]:
        """The points of each field selected on one object."""
        by_name: dict[str, list[FieldNode]] = {}
        for each in selections:
            for node in self._selected(of, each.selections):
                by_name.setdefault((node.alias or node.name).value, []).append(node)
        for nodes in by_name.values():
            yield self._field(of, nodes, sizes)

    def _selection(
        self, of: GraphQLObjectType, selections: tuple[SelectionSetNode, ...], sizes: _Sizes
    ) -> float:
        key = (of.name, tuple(map(id, selections)), sizes)
        if key not in self._known:
            self._known[key] = sum(self.fields(of, selections, sizes))
        return self._known[key]

    def _selected(self, of: GraphQLObjectType, nodes: tuple[SelectionNode, ...]) -> Iterator[FieldNode]:
        """The fields selected on an object of this type, fragments included."""
        for node in nodes:
            if isinstance(node, FieldNode):
                yield node
                continue
            fragment = self._fragments.get(node.name.value) if isinstance(node, FragmentSpreadNode) else node
            if isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode):
                condition = fragment.type_condition
                if condition is None or self._model.applies(condition.name.value, of):
                    yield from self._selected(of, fragment.selection_set.selections)

    def _field(self, parent: GraphQLObjectType, nodes: list[FieldNode], sizes: _Sizes) -> float:
        name = nodes[0].name.value
        cost = self._model.field(parent, name)
        if cost is None:
            return 0
        sliced = self._sliced(cost, nodes[0])
        if cost.sized_fields:
            count, inner = 1.0, tuple((field, sliced) for field in cost.sized_fields)
        else:
            count, inner = (sliced if cost.slicing else dict(sizes).get(name, cost.size or 0)), ()
        selections = tuple(node.selection_set for node in nodes if node.selection_set)
        possible = self._model.possible_types(cost.type)
        dearest = max((self._selection(each, selections, inner) for each in possible), default=0.0)
        return cost.own + count * (cost.each + dearest)

    def _sliced(self, cost: FieldCost, node: FieldNode) -> float:
        """How many objects the arguments say; the largest number counts."""
        if not cost.slicing:
            return 0
        given = {each.name.value: each.value for each in node.arguments or ()}
        return max(
            self._number(given[name]) if name in given else _number(default)
            for name, default in cost.slicing.items()
        )

    def _number(self, node: ValueNode | None) -> float:
        if isinstance(node, VariableNode):
            name = node.name.value
            if name in self._given:
                return _number(self._given[name])
            return self._number(self._defaults.get(name))
        if isinstance(node, IntValueNode):
            return _number(int(node.value) if len(node.value) <= _MAX_DIGITS else MAX_FIRST)
        return 0


def _number(value: object) -> float:
    """How many objects a value asks for. What is no whole number, or above MAX_FIRST, will be refused."""
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return max(0, min(value, MAX_FIRST))
