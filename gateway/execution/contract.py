"""The guarantees that the contracts (.proto) give on the values of fields, which plans need not check.

protobuf guarantees the declared type of each value: a `string` is a str, a message is of its class, and so
are the items of a list. Plans still check what the contracts allow and GraphQL does not: absent values, NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from graphql import GraphQLEnumType, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType

from gateway.execution import binding
from gateway.execution.accessor import Accessor
from gateway.execution.texts import is_text

AccessorOf = Callable[[GraphQLObjectType], Accessor | None]


class Kind(Enum):
    """How a plan completes the value of a field."""

    AS_IS = auto()
    """Every value is valid in the GraphQL type."""
    FLOAT = auto()
    """The value may be NaN or infinite, which GraphQL does not allow.

    https://spec.graphql.org/September2025/#sec-Float
    """
    ENUM = auto()
    """The value is a number; the answer has the name of the enum member."""
    OBJECT = auto()
    """A message of the class that the GraphQL type is bound to."""
    GLOBAL_ID = auto()
    """The value is the key of the row; the answer has its global id."""


_AS_IS = {
    (FieldDescriptor.TYPE_BOOL, "Boolean"),
    (FieldDescriptor.TYPE_INT32, "Int"),
}
_FLOATS = {(FieldDescriptor.TYPE_DOUBLE, "Float"), (FieldDescriptor.TYPE_FLOAT, "Float")}


@dataclass(frozen=True)
class ContractField:
    """A field of a message together with the GraphQL field bound to it."""

    kind: Kind
    descriptor: Any
    """A FieldDescriptor. It is Any because the type stubs have two classes of that name."""
    nullable: bool
    graphql_type: Any
    """The named type, without non-null and list wrappers."""
    accessor: Accessor | None = None
    """How to read the object; None for any other kind."""

    @property
    def name(self) -> str:
        return str(self.descriptor.name)

    @property
    def repeated(self) -> bool:
        return bool(self.descriptor.is_repeated)

    @property
    def may_be_absent(self) -> bool:
        return bool(self.descriptor.has_presence)

    @property
    def enum_names(self) -> dict[int, str]:
        """The GraphQL names by number of an ENUM."""
        return binding.enum_names(self.descriptor.enum_type.full_name)


def contract_field(
    accessor: Accessor, name: str, output_type: GraphQLOutputType, accessor_of: AccessorOf
) -> ContractField | None:
    """The contract of the field `name`; None if the contract does not guarantee a valid value."""
    if accessor.message is None:
        return None
    fields, key = accessor.message.DESCRIPTOR.fields_by_name, binding.key_of(accessor.message)
    if name == "id" and key:
        return ContractField(Kind.GLOBAL_ID, fields[key], nullable=False, graphql_type=output_type)
    descriptor = fields.get(name)
    if descriptor is None:
        return None
    nullable, inner = _unwrapped(output_type)
    if descriptor.is_repeated != isinstance(inner, GraphQLList):
        return None
    if isinstance(inner, GraphQLList):
        _, inner = _unwrapped(inner.of_type)
    kind, of_object = _kind(descriptor, inner, accessor_of)
    if kind is None or (kind is Kind.ENUM and not nullable and not descriptor.is_repeated):
        return None
    return ContractField(kind, descriptor, nullable, inner, of_object)


def _kind(descriptor: Any, inner: Any, accessor_of: AccessorOf) -> tuple[Kind | None, Accessor | None]:
    pair = (descriptor.type, getattr(inner, "name", ""))
    if pair in _AS_IS or (descriptor.type == FieldDescriptor.TYPE_STRING and is_text(inner)):
        return Kind.AS_IS, None
    if pair in _FLOATS:
        return Kind.FLOAT, None
    if descriptor.enum_type is not None and isinstance(inner, GraphQLEnumType):
        return Kind.ENUM, None
    if descriptor.message_type is not None and isinstance(inner, GraphQLObjectType):
        accessor = accessor_of(inner)
        if accessor and accessor.message is GetMessageClass(descriptor.message_type):
            return Kind.OBJECT, accessor
    return None, None


def _unwrapped(output_type: GraphQLOutputType) -> tuple[bool, Any]:
    """Whether the type is nullable, and the type without its non-null wrapper."""
    if isinstance(output_type, GraphQLNonNull):
        return False, output_type.of_type
    return True, output_type
