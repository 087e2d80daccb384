"""Maps the fields of protobuf messages to fields of GraphQL types.

A GraphQL type is a declaration bound to a message class. Resolvers return the messages that a service sent,
and `read_field`, the schema's default resolver, reads their fields. Nothing is copied.

    proto                              GraphQL
    optional scalar                    nullable, null when absent
    plain scalar                       non-null
    enum                               nullable, null when UNSPECIFIED
    message                            nullable, or non-null when the service always sets it
    repeated                           non-null list of non-null
    `id` of a type bound with a key    the global id of the row
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Protocol, TypeVar, cast

import strawberry
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLSchema

T = TypeVar("T")
E = TypeVar("E", bound=type[Enum])
Reader = Callable[[Any], Any]


class ProtoEnum(Protocol):
    """A generated enum."""

    @property
    def DESCRIPTOR(self) -> EnumDescriptor: ...  # noqa: N802 - protobuf's own name


_type_names: dict[type[Message], str] = {}
_bound: dict[type, type[Message]] = {}
_node_keys: dict[str, str] = {}
_enums: dict[str, dict[int, Enum | None]] = {}
_readers: dict[tuple[type, str], Reader] = {}


def bind(message: type[Message], *, description: str, key: str = "") -> Callable[[type[T]], type[T]]:
    """Declare the class as the GraphQL type of a message.

    `key` is the field that identifies a row, for a type with global ids.
    """

    def decorate(cls: type[T]) -> type[T]:
        def is_type_of(value: object, _info: object) -> bool:
            return isinstance(value, message)

        cls.is_type_of = staticmethod(is_type_of)  # type: ignore[attr-defined]  # read by strawberry
        _type_names[message] = cls.__name__
        if key:
            _node_keys[cls.__name__] = key
        declared = strawberry.type(cls, description=description)
        _bound[declared] = message
        return declared

    return decorate


def bind_enum(proto_enum: ProtoEnum, *, description: str) -> Callable[[E], E]:
    """Declare the Enum as the GraphQL type of a proto enum. The values of its members are the proto numbers.

    Raises TypeError when the numbers differ from those of the proto enum, 0 excepted.
    """
    descriptor = proto_enum.DESCRIPTOR

    def decorate(cls: E) -> E:
        # strawberry.enum_value wraps the value of a member together with its description.
        members = {getattr(member.value, "value", member.value): member for member in cls}
        expected = {value.number for value in descriptor.values if value.number}
        if set(members) != expected:
            raise TypeError(
                f"{cls.__name__} has {sorted(members)}, {descriptor.full_name} {sorted(expected)}"
            )
        decorated = strawberry.enum(cls, description=description)
        # A number that is not here comes from a newer contract; it is read as null.
        _enums[descriptor.full_name] = {
            getattr(member.value, "value", member.value): member for member in decorated
        }
        return decorated

    return decorate


def as_type(graphql_type: type[T], message: Message) -> T:  # noqa: ARG001 - only mypy uses it
    """Return the message itself, typed as the GraphQL type bound to it."""
    return cast("T", message)


def as_list_of(graphql_type: type[T], messages: Sequence[Message]) -> list[T]:  # noqa: ARG001 - the same
    """Return the messages themselves, typed as a list of the GraphQL type bound to them."""
    return cast("list[T]", messages)


def wire_number(member: Enum | None) -> Any:
    """The proto number of a member of a bound enum; 0 (UNSPECIFIED) for None."""
    return member.value if member else 0


def read_field(source: Any, name: str) -> Any:
    """The default resolver of the schema: reads a field of a message, or an attribute of another object."""
    key = (type(source), name)
    reader = _readers.get(key)
    if reader is None:
        reader = _readers[key] = reader_of(*key)
    return reader(source)


def global_id(type_name: str, key: str) -> str:
    """The global id of a row, unique across types."""
    return global_id_of(f"{type_name}:", key)


def global_id_of(prefix: str, key: str) -> str:
    """The global id for a prefix that is the name of the type and a colon."""
    return base64.b64encode((prefix + key).encode()).decode()


def message_of(type_name: str, cls: type) -> type[Message] | None:
    """The message class that a type is bound to; None for an unbound type."""
    message = _bound.get(cls)
    return message if message is not None and _type_names[message] == type_name else None


def key_of(message: type[Message]) -> str:
    """The field that identifies a row; empty for a type without global ids."""
    return _node_keys.get(_type_names.get(message, ""), "")


def is_keyed(type_name: str) -> bool:
    """Whether the type has global ids."""
    return type_name in _node_keys


def enum_names(enum: str) -> dict[int, str]:
    """The GraphQL names by number of the proto enum with this full name, without UNSPECIFIED."""
    return {number: member.name for number, member in _enums[enum].items() if member}


def parse_global_id(value: str) -> tuple[str, str] | None:
    """The name of the type and the key of the row; None when the value is not a global id of this schema."""
    try:
        type_name, separator, key = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (type_name, key) if separator and key and type_name in _node_keys else None


def reader_of(cls: type, name: str) -> Reader:
    """The function with which `read_field` reads this field of the objects of a class."""
    if not issubclass(cls, Message):
        return lambda source: getattr(source, name)
    type_name = _type_names.get(cls, "")
    if name == "id" and type_name in _node_keys:
        key = _node_keys[type_name]
        return lambda source: global_id(type_name, getattr(source, key))
    field = cls.DESCRIPTOR.fields_by_name[name]
    if field.enum_type is not None:
        return _enum_reader(name, field.enum_type.full_name, repeated=field.is_repeated)
    if field.has_presence:
        return lambda source: getattr(source, name) if source.HasField(name) else None
    return lambda source: getattr(source, name)


def _enum_reader(name: str, enum_name: str, *, repeated: bool) -> Reader:
    members = _enums[enum_name]
    if repeated:
        return lambda source: [member for number in getattr(source, name) if (member := members.get(number))]
    return lambda source: members.get(getattr(source, name))


def check_bindings(schema: GraphQLSchema) -> None:
    """Raise TypeError with every field without a resolver whose GraphQL type does not fit its proto field."""
    messages = {type_name: message for message, type_name in _type_names.items()}
    wrong = [
        problem
        for type_name, message in messages.items()
        if isinstance(graphql_type := schema.type_map.get(type_name), GraphQLObjectType)
        for problem in _binding_problems(graphql_type, message)
    ]
    if wrong:
        raise TypeError("; ".join(wrong))


def _binding_problems(graphql_type: GraphQLObjectType, message: type[Message]) -> list[str]:
    descriptor = message.DESCRIPTOR
    problems = []
    for name, graphql_field in graphql_type.fields.items():
        strawberry_field = graphql_field.extensions["strawberry-definition"]
        if not strawberry_field.is_basic_field or (name == "id" and graphql_type.name in _node_keys):
            continue
        path = f"{graphql_type.name}.{name}"
        field = descriptor.fields_by_name.get(strawberry_field.python_name)
        if field is None:
            problems.append(f"{path}: {descriptor.full_name} has no such field")
            continue
        non_null = isinstance(graphql_field.type, GraphQLNonNull)
        inner = graphql_field.type.of_type if non_null else graphql_field.type
        if field.is_repeated != isinstance(inner, GraphQLList):
            problems.append(f"{path}: a list on one side only")
        elif field.type != FieldDescriptor.TYPE_MESSAGE or field.is_repeated:
            must_be_non_null = field.is_repeated or not (
                field.has_presence or field.type == FieldDescriptor.TYPE_ENUM
            )
            if non_null != must_be_non_null:
                problems.append(f"{path}: must be {'non-null' if must_be_non_null else 'nullable'}")
    return problems
