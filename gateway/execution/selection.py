"""What a query selects, as plans need to know it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from graphql import GraphQLField, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType
from graphql.execution.collect_fields import CollectedFields, FieldDetails

Details = list[FieldDetails]
CollectSubfields = Callable[[GraphQLObjectType, Details], CollectedFields]

_LATER = {"defer", "stream"}


class NotCompilable(Exception):
    """The selection holds something that graphql-core must run.

    `field` says what ("Formation.rendezVous"), `why` one of: argument, permission, resolver, later
    (@defer or @stream), type (whose values only graphql-core can tell), depth (beyond what Python compiles).
    """

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


def basic_field(parent: GraphQLObjectType, details: Details) -> GraphQLField | None:
    """The definition of a selected field that only reads a value; None for `__typename`.

    Raises NotCompilable for any other field.
    """
    node = details[0].node
    name = f"{parent.name}.{node.name.value}"
    if comes_later(details):
        raise NotCompilable(name, "later")
    if node.name.value == "__typename":
        return None
    field: GraphQLField | None = parent.fields.get(node.name.value)
    definition = field.extensions.get("strawberry-definition") if field else None
    # strawberry marks the resolver that only reads an attribute, with no permission before it.
    if definition is None or not getattr(getattr(field, "resolve", None), "_is_default", False):
        permission = bool(getattr(definition, "permission_classes", None))
        raise NotCompilable(name, "permission" if permission else "resolver")
    if node.arguments or (field and field.args):
        raise NotCompilable(name, "argument")
    return field


def response_name(details: Details) -> str:
    """The name of a selected field in the answer."""
    node = details[0].node
    return node.alias.value if node.alias else node.name.value


def comes_later(details: Details) -> bool:
    """Whether a field is under @defer or @stream itself."""
    return any(directive.name.value in _LATER for each in details for directive in each.node.directives or ())


def named_type(output_type: GraphQLOutputType) -> Any:
    """The type without its lists and its non-nulls."""
    while isinstance(output_type, GraphQLNonNull | GraphQLList):
        output_type = output_type.of_type
    return output_type


def node_ids(details: Iterable[FieldDetails]) -> tuple[int, ...]:
    """What names a selection within one document: its nodes, as the objects that they are."""
    return tuple(id(each.node) for each in details)
