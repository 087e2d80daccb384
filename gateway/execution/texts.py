"""Text scalars: scalars whose values are strings that the gateway does not change.

Plans and the transcoder complete them as they complete String.
"""

from __future__ import annotations

from graphql import GraphQLID, GraphQLNamedType, GraphQLScalarType, GraphQLString


def as_text(value: object) -> str:
    """Return the string unchanged. Raises TypeError for any other value.

    `is_text` recognises text scalars by this serialisation function.
    """
    if not isinstance(value, str):
        raise TypeError("this scalar is written as a string")
    return value


def is_text(named_type: GraphQLNamedType) -> bool:
    """Whether the type is a text scalar: String, ID, or one that serialises with `as_text`."""
    if not isinstance(named_type, GraphQLScalarType):
        return False
    built_in = named_type.name in {GraphQLString.name, GraphQLID.name}
    return built_in or named_type.coerce_output_value is as_text
