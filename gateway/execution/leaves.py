"""Python expressions for leaf values: each gives the value of graphql-core, or raises.

The expressions convert no value of a built-in type. If a value is not of the Python type that the schema
requires, the expression raises, and graphql-core completes the value: it converts it or reports the error.
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

FINITE = "-1.8e308 < {t} < 1.8e308"
"""A test of the float `{t}`; it is false for NaN and infinities."""

_TEXT = "type({t}) is str"
_BUILT_IN = {
    GraphQLBoolean.name: "type({t}) is bool",
    GraphQLInt.name: "type({t}) is int and -2147483648 <= {t} <= 2147483647",
    GraphQLFloat.name: f"type({{t}}) is float and {FINITE}",
}


def leaf_expression(leaf_type: GraphQLLeafType, value: str, source: Source) -> str:
    """An expression for the completed value of the expression `value`; None stays None."""
    temporary = source.temporary()
    assignment = f"({temporary} := {value})"
    if isinstance(leaf_type, GraphQLEnumType):
        names = source.constant(_enum_names(leaf_type))
        return f"(None if {assignment} is None else {names}[{temporary}])"
    test = _TEXT if is_text(leaf_type) else _BUILT_IN.get(leaf_type.name)
    if test is not None:
        return f"({temporary} if {assignment} is None or {test.format(t=temporary)} else fail())"
    coerce = source.constant(_coercion(leaf_type))
    return f"(None if {assignment} is None else {coerce}({temporary}))"


def _enum_names(enum_type: GraphQLEnumType) -> dict[Any, str]:
    """The names by value. The value may also be the Python Enum member itself, as in graphql-core."""
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
