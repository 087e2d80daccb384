"""What the contracts promise of the fields of messages, so that their values need no check.

A field of a message holds a value of its declared type and nothing else: a `string` is a str, a message
is of its class, and so are the items of a list. What the contract leaves open stays to be checked: an
absent value, NaN.
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
from gateway.execution.reading import Reading
from gateway.execution.texts import is_text

ReadingOf = Callable[[GraphQLObjectType], Reading | None]


class Kind(Enum):
    """What a value is, and what is left to do with it."""

    AS_IS = auto()
    """The message holds nothing but values of the GraphQL type."""
    FLOAT = auto()
    """May be NaN or infinite, which GraphQL does not know."""
    ENUM = auto()
    """A number, whose name the answer has."""
    OBJECT = auto()
    """A message of the class that the GraphQL type is bound to."""
    GLOBAL_ID = auto()
    """The key of the row, which the answer has as the id across all types."""


_AS_IS = {
    (FieldDescriptor.TYPE_BOOL, "Boolean"),
    (FieldDescriptor.TYPE_INT32, "Int"),
}
_FLOATS = {(FieldDescriptor.TYPE_DOUBLE, "Float"), (FieldDescriptor.TYPE_FLOAT, "Float")}


@dataclass(frozen=True)
class ContractField:
    """A field of a message as a GraphQL field shows it."""

    kind: Kind
    descriptor: Any
    """A FieldDescriptor; the type stubs know two classes of that name."""
    nullable: bool
    graphql_type: Any
    """Without its non-nulls and its list."""
    reading: Reading | None = None
    """Of an OBJECT."""

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
        """Of an ENUM: name in GraphQL by number."""
        return binding.enum_names(self.descriptor.enum_type.full_name)


def contract_field(
    reading: Reading, name: str, output_type: GraphQLOutputType, reading_of: ReadingOf
) -> ContractField | None:
    """How the contract gives the field `name`; None where it does not make the value sure."""
    if reading.message is None:
        return None
    fields, key = reading.message.DESCRIPTOR.fields_by_name, binding.key_of(reading.message)
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
    kind, of_object = _kind(descriptor, inner, reading_of)
    if kind is None or (kind is Kind.ENUM and not nullable and not descriptor.is_repeated):
        return None
    return ContractField(kind, descriptor, nullable, inner, of_object)


def _kind(descriptor: Any, inner: Any, reading_of: ReadingOf) -> tuple[Kind | None, Reading | None]:
    pair = (descriptor.type, getattr(inner, "name", ""))
    if pair in _AS_IS or (descriptor.type == FieldDescriptor.TYPE_STRING and is_text(inner)):
        return Kind.AS_IS, None
    if pair in _FLOATS:
        return Kind.FLOAT, None
    if descriptor.enum_type is not None and isinstance(inner, GraphQLEnumType):
        return Kind.ENUM, None
    if descriptor.message_type is not None and isinstance(inner, GraphQLObjectType):
        reading = reading_of(inner)
        if reading and reading.message is GetMessageClass(descriptor.message_type):
            return Kind.OBJECT, reading
    return None, None


def _unwrapped(output_type: GraphQLOutputType) -> tuple[bool, Any]:
    """Whether it may be null, and the type itself."""
    if isinstance(output_type, GraphQLNonNull):
        return False, output_type.of_type
    return True, output_type
