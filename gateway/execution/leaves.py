"""Python expressions for leaf values: what graphql-core would give, or an exception.

An expression here is optimistic. Where a value is not of the plain type that the schema names, it
fails, and graphql-core completes the value instead: conversions and messages are always its own.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLInt,
    GraphQLLeafType,
)

from gateway.execution.source import Source
from gateway.execution.texts import is_text

# NaN and the infinities are in no such interval.
FINITE = "-1.8e308 < {t} < 1.8e308"
"""Text of a test of a float, `{t}`."""

_TEXT = "type({t}) is str"
_BUILT_IN = {
    GraphQLBoolean.name: "type({t}) is bool",
    GraphQLInt.name: "type({t}) is int and -2147483648 <= {t} <= 2147483647",
    GraphQLFloat.name: f"type({{t}}) is float and {FINITE}",
}


def leaf(leaf_type: GraphQLLeafType, value: str, source: Source) -> str:
    """The completed value of the expression `value`, which may give None: None stays None."""
    temporary = source.temporary()
    given = f"({temporary} := {value})"
    if isinstance(leaf_type, GraphQLEnumType):
        names = source.constant(_enum_names(leaf_type))
        return f"(None if {given} is None else {names}[{temporary}])"
    test = _TEXT if is_text(leaf_type) else _BUILT_IN.get(leaf_type.name)
    if test is not None:
        return f"({temporary} if {given} is None or {test.format(t=temporary)} else fail())"
    coerce = source.constant(_coercion(leaf_type))
    return f"(None if {given} is None else {coerce}({temporary}))"


def _enum_names(enum_type: GraphQLEnumType) -> dict[Any, str]:
    """Name by value; graphql-core also takes a strawberry member for its value."""
    definition = enum_type.extensions["strawberry-definition"]
    members = {member.value: member for member in definition.wrapped_cls}
    names = {}
    for name, value in enum_type.values.items():
        names[members.get(value.value, value.value)] = name
    return names


def _coercion(leaf_type: GraphQLLeafType) -> Any:
    def coerce(value: Any) -> Any:
        completed = leaf_type.coerce_output_value(value)
        if completed is None:
            raise ValueError(f"{leaf_type.name} gave nothing")
        return completed

    return coerce
