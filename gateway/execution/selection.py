"""Questions about selections that the compiler asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from graphql import GraphQLField, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType
from graphql.execution.collect_fields import CollectedFields, FieldDetails

Details = list[FieldDetails]
CollectSubfields = Callable[[GraphQLObjectType, Details], CollectedFields]

_INCREMENTAL = {"defer", "stream"}


class NotCompilable(Exception):
    """Only graphql-core can complete a selected field.

    `field` is its path in the schema, such as "Formation.rendezVous". `why` is one of: argument, permission,
    resolver, later (@defer or @stream), type (only graphql-core can check its values), depth (too deep for
    Python's compiler).
    """

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


def basic_field(parent: GraphQLObjectType, details: Details) -> GraphQLField | None:
    """The definition of a selected basic field; None for `__typename`.

    Raises NotCompilable for any other field.
    """
    node = details[0].node
    name = f"{parent.name}.{node.name.value}"
    if is_incremental(details):
        raise NotCompilable(name, "later")
    if node.name.value == "__typename":
        return None
    field: GraphQLField | None = parent.fields.get(node.name.value)
    definition = field.extensions.get("strawberry-definition") if field else None
    # strawberry sets `_is_default` on a resolver that only reads an attribute, without permissions.
    if definition is None or not getattr(getattr(field, "resolve", None), "_is_default", False):
        permission = bool(getattr(definition, "permission_classes", None))
        raise NotCompilable(name, "permission" if permission else "resolver")
    if node.arguments or (field and field.args):
        raise NotCompilable(name, "argument")
    return field


def response_name(details: Details) -> str:
    """The alias of a selected field, or its name."""
    node = details[0].node
    return node.alias.value if node.alias else node.name.value


def is_incremental(details: Details) -> bool:
    """Whether the field itself has @defer or @stream."""
    return any(
        directive.name.value in _INCREMENTAL for each in details for directive in each.node.directives or ()
    )


def named_type(output_type: GraphQLOutputType) -> Any:
    """The type without list and non-null wrappers."""
    while isinstance(output_type, GraphQLNonNull | GraphQLList):
        output_type = output_type.of_type
    return output_type


def node_ids(details: Iterable[FieldDetails]) -> tuple[int, ...]:
    """The key of a selection within one document: the ids of its AST nodes."""
    return tuple(id(each.node) for each in details)
