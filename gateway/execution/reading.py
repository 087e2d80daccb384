"""How a plan reads the fields of an object: straight from a message, or by attribute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from graphql import GraphQLEnumType, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType, GraphQLSchema
from strawberry.types.base import StrawberryObjectDefinition

from gateway import binding
from gateway.execution.classes import KnownClasses
from gateway.execution.source import Source

_SCALARS = {
    (FieldDescriptor.TYPE_STRING, "String"),
    (FieldDescriptor.TYPE_STRING, "ID"),
    (FieldDescriptor.TYPE_BOOL, "Boolean"),
    (FieldDescriptor.TYPE_INT32, "Int"),
}
"""Pairs whose values need no check: the message holds nothing else."""


@dataclass(frozen=True)
class Reading:
    """Of the objects of one GraphQL type."""

    graphql_type: GraphQLObjectType
    definition: StrawberryObjectDefinition
    resolver: Any
    """The schema's default resolver, or None where it only takes the attribute."""
    message: type[Message] | None
    """The class of the messages that the type is bound to; None for other objects."""

    @property
    def exact_class(self) -> type | None:
        """The class by which a value is known to be of this type, in an interface or a union."""
        if self.message is not None:
            return self.message
        return None if self.definition.concrete_of else self.definition.origin

    def check(self, source: Source, known: KnownClasses) -> str:
        """An expression that is true for a value `v` that graphql-core must look at."""
        if self.message is not None:
            return f"type(v) is not {source.constant(self.message)}"
        classes = source.constant(known)
        if self.graphql_type.is_type_of is None:
            return f"type(v) not in {classes}"
        is_type_of = source.constant(self.graphql_type.is_type_of)
        return f"type(v) not in {classes} or not {is_type_of}(v, None)"

    def value(self, name: str, source: Source) -> str:
        """An expression for the value of a field of `v`, as the default resolver gives it."""
        if self.message is None:
            return f"v.{name}" if self.resolver is None else f"{source.constant(self.resolver)}(v, {name!r})"
        field = self.message.DESCRIPTOR.fields_by_name.get(name)
        if field is None or field.enum_type is not None or name == "id":
            return f"{source.constant(binding.reader_of(self.message, name))}(v)"
        return _read(name, has_presence=field.has_presence)

    def direct(self, name: str, output_type: GraphQLOutputType, source: Source) -> str | None:
        """An expression for the completed value, where the message's own types make it sure."""
        if self.message is None:
            return None
        key = binding.key_of(self.message)
        if name == "id" and key:
            return f"{source.constant(binding.global_id_of)}({self.graphql_type.name + ':'!r}, v.{key})"
        field = self.message.DESCRIPTOR.fields_by_name.get(name)
        if field is None or field.is_repeated:
            return None
        if field.enum_type is not None and isinstance(output_type, GraphQLEnumType):
            names = binding.enum_names(field.enum_type.full_name)
            return f"{source.constant(names)}.get(v.{name})"
        nullable = not isinstance(output_type, GraphQLNonNull)
        named = output_type.of_type if isinstance(output_type, GraphQLNonNull) else output_type
        sure = (field.type, getattr(named, "name", "")) in _SCALARS
        return (
            _read(name, has_presence=field.has_presence) if sure and nullable == field.has_presence else None
        )


def _read(name: str, *, has_presence: bool) -> str:
    return f'(v.{name} if v.HasField("{name}") else None)' if has_presence else f"v.{name}"


def reading_of(schema: GraphQLSchema, graphql_type: GraphQLObjectType) -> Reading | None:
    """How objects of the type are read; None when only graphql-core may."""
    definition = graphql_type.extensions.get("strawberry-definition")
    if not isinstance(definition, StrawberryObjectDefinition):
        return None
    resolver = schema.extensions["strawberry-definition"].config.default_resolver
    message = (
        binding.message_of(graphql_type.name, definition.origin) if resolver is binding.read_field else None
    )
    if message is None and definition.is_type_of is not None:
        # The type's own test may need to know where in the query it is called.
        return None
    plain = resolver in (getattr, binding.read_field)
    return Reading(graphql_type, definition, None if plain else resolver, message)
