"""Scalars whose values are texts that cross the gateway untouched.

Plans and the wire lane complete them as they complete String, whatever their name.
"""

from __future__ import annotations

from graphql import GraphQLID, GraphQLNamedType, GraphQLScalarType, GraphQLString


def as_text(value: object) -> str:
    """The value, which must be a text already. A scalar that serialises with this very function is a text
    for plans. Raises TypeError.
    """
    if not isinstance(value, str):
        raise TypeError("this scalar is written as a string")
    return value


def is_text(named_type: GraphQLNamedType) -> bool:
    """Whether the type is a scalar that gives a str as it is: String, ID, or one made with `as_text`."""
    if not isinstance(named_type, GraphQLScalarType):
        return False
    built_in = named_type.name in {GraphQLString.name, GraphQLID.name}
    return built_in or named_type.coerce_output_value is as_text
