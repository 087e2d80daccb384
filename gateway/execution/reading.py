"""How a plan reads the fields of an object: straight from a message, or by attribute."""

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

    @property
    def prefix(self) -> str:
        """What global ids of the type begin with."""
        return f"{self.graphql_type.name}:"

    def check(self, source: Source, known: KnownClasses) -> str:
        """An expression that is true for a value `v` that graphql-core must look at."""
        if self.message is not None:
            return f"type(v) is not {source.constant(self.message)}"
        classes = source.constant(known)
        if self.graphql_type.is_type_of is None:
            return f"type(v) not in {classes}"
        is_type_of = source.constant(self.graphql_type.is_type_of)
        return f"type(v) not in {classes} or not {is_type_of}(v, None)"

    def value(self, name: str, base: str, source: Source) -> str:
        """An expression for the value of a field of the object that the variable `base` holds, as the
        default resolver gives it.
        """
        if self.message is not None:
            return f"{source.constant(binding.reader_of(self.message, name))}({base})"
        if self.resolver is None:
            return f"{base}.{name}"
        return f"{source.constant(self.resolver)}({base}, {name!r})"


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
