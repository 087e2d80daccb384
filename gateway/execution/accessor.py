"""Accessors: how a plan reads the fields of the objects of a type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from graphql import GraphQLObjectType, GraphQLSchema
from strawberry.types.base import StrawberryObjectDefinition

from gateway.execution import binding
from gateway.execution.classes import KnownClasses
from gateway.execution.source import Source


@dataclass(frozen=True)
class Accessor:
    """Reads the fields of the objects of one GraphQL type, which are messages or other objects."""

    graphql_type: GraphQLObjectType
    definition: StrawberryObjectDefinition
    resolver: Any
    """The schema's default resolver; None if it only reads the attribute."""
    message: type[Message] | None
    """The message class that the type is bound to; None for an unbound type."""

    @property
    def exact_class(self) -> type | None:
        """The class that identifies a value of this type in an interface or a union.

        None for an unbound generic type, since several types have its class.
        """
        if self.message is not None:
            return self.message
        return None if self.definition.concrete_of else self.definition.origin

    @property
    def prefix(self) -> str:
        """The prefix of the global ids of the type."""
        return f"{self.graphql_type.name}:"

    def check(self, source: Source, known: KnownClasses) -> str:
        """An expression that is true if graphql-core must complete the value `v`."""
        if self.message is not None:
            return f"type(v) is not {source.constant(self.message)}"
        classes = source.constant(known)
        if self.graphql_type.is_type_of is None:
            return f"type(v) not in {classes}"
        is_type_of = source.constant(self.graphql_type.is_type_of)
        return f"type(v) not in {classes} or not {is_type_of}(v, None)"

    def value(self, name: str, base: str, source: Source) -> str:
        """An expression that reads a field of the object in the variable `base`."""
        if self.message is not None:
            return f"{source.constant(binding.reader_of(self.message, name))}({base})"
        if self.resolver is None:
            return f"{base}.{name}"
        return f"{source.constant(self.resolver)}({base}, {name!r})"


def accessor_of(schema: GraphQLSchema, graphql_type: GraphQLObjectType) -> Accessor | None:
    """The accessor of a type; None if only graphql-core may read its objects."""
    definition = graphql_type.extensions.get("strawberry-definition")
    if not isinstance(definition, StrawberryObjectDefinition):
        return None
    resolver = schema.extensions["strawberry-definition"].config.default_resolver
    message = (
        binding.message_of(graphql_type.name, definition.origin) if resolver is binding.read_field else None
    )
    if message is None and definition.is_type_of is not None:
        # `is_type_of` may need the GraphQLResolveInfo, which a plan does not have.
        return None
    plain = resolver in (getattr, binding.read_field)
    return Accessor(graphql_type, definition, None if plain else resolver, message)
