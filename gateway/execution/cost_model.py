"""The costs of the fields of a schema, read from its directives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    is_introspection_type,
    is_leaf_type,
    is_list_type,
)
from graphql.pyutils import Undefined
from graphql.type.definition import GraphQLNonNull

from gateway.execution.cost_directives import Cost, ListSize
from gateway.execution.selection import named_type

INTROSPECTION_WEIGHT = 0.1
"""Points of one object of introspection, which is in memory."""

_FEW = 2
"""Arguments of a field, interfaces of a type, types of a union, in introspection."""

_META = {"__schema": "__Schema", "__type": "__Type"}


@dataclass(frozen=True)
class FieldCost:
    """What a field costs, in points."""

    type: Any
    """The type of what it returns, without its wrappers."""
    own: float = 0
    """Points of the field's own work."""
    each: float = 0
    """Points of each object that it returns; 0 for a leaf."""
    size: float | None = 1
    """Objects that it returns where no argument says how many; None if only the parent's argument may."""
    slicing: Mapping[str, object] | None = None
    """Arguments that say how many, with their default values."""
    sized_fields: tuple[str, ...] = ()
    """Fields of the returned object whose sizes those arguments say; none if they say the field's own."""


class CostModel:
    """The costs of all fields. Raises TypeError if nothing says how many objects a list holds."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._fields = {
            (parent.name, name): _field_cost(schema, parent, name, definition)
            for parent in schema.type_map.values()
            if isinstance(parent, GraphQLObjectType)
            for name, definition in parent.fields.items()
        }
        sized = {(cost.type.name, name) for cost in self._fields.values() for name in cost.sized_fields}
        unsized = [key for key, cost in self._fields.items() if cost.size is None and key not in sized]
        if unsized:
            names = ", ".join(".".join(key) for key in unsized)
            raise TypeError(f"no @listSize says how many objects these lists hold: {names}")

    def field(self, parent: GraphQLObjectType, name: str) -> FieldCost | None:
        """The cost of a field; None for one that is unknown, and for `__typename`."""
        if name in _META and parent is self.schema.query_type:
            return FieldCost(self.schema.type_map[_META[name]], each=INTROSPECTION_WEIGHT)
        return self._fields.get((parent.name, name))

    def possible_types(self, of: Any) -> Iterable[GraphQLObjectType]:
        """The object types that a value of this type may have; none for a leaf."""
        if isinstance(of, GraphQLInterfaceType | GraphQLUnionType):
            return self.schema.get_possible_types(of)
        return (of,) if isinstance(of, GraphQLObjectType) else ()

    def applies(self, condition: str, concrete: GraphQLObjectType) -> bool:
        """Whether a fragment on the type `condition` selects fields of an object of the type `concrete`."""
        return concrete in self.possible_types(self.schema.type_map.get(condition))


def _field_cost(
    schema: GraphQLSchema, parent: GraphQLObjectType, name: str, definition: GraphQLField
) -> FieldCost:
    of = named_type(definition.type)
    is_list = is_list_type(_nullable(definition.type)) and not is_leaf_type(of)
    if is_introspection_type(parent):
        size = _introspected_size(schema, name, of.name) if is_list else 1
        return FieldCost(of, each=0 if is_leaf_type(of) else INTROSPECTION_WEIGHT, size=size)
    declared = getattr(definition.extensions.get("strawberry-definition"), "directives", ())
    costs = [directive for directive in declared if isinstance(directive, Cost)]
    sizes = [directive for directive in declared if isinstance(directive, ListSize)]
    says = sizes[0] if sizes else ListSize()
    return FieldCost(
        of,
        own=sum(float(each.weight) for each in costs),
        each=0 if is_leaf_type(of) else 1,
        size=(says.assumed_size or None) if is_list and not says.slicing_arguments else 1,
        slicing={name: _default(definition, name) for name in says.slicing_arguments or ()},
        sized_fields=tuple(says.sized_fields or ()),
    )


def _nullable(output_type: Any) -> Any:
    return output_type.of_type if isinstance(output_type, GraphQLNonNull) else output_type


def _default(definition: GraphQLField, argument: str) -> object:
    default = definition.args[argument].default_value
    return None if default is Undefined else default


def _introspected_size(schema: GraphQLSchema, field: str, of: str) -> float:
    """How many objects a list of introspection holds on average, for the schema at hand."""
    types = schema.type_map.values()
    if of == "__Directive":
        return len(schema.directives)
    if of == "__Type":
        return len(types) if field == "types" else _FEW
    if of == "__InputValue":
        return _FEW
    members = "values" if of == "__EnumValue" else "fields"
    return sum(len(getattr(each, members, ())) for each in types) / len(types)
