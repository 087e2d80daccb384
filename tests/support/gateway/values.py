"""Queries that give one value of the schema's arguments by a variable, wherever that value is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

from gateway.execution.binding import global_id

PARENTS = {
    "Query": "%s",
    "Mutation": "%s",
    "SearchResult": 'search(criteria: {romes: ["D1102"]}) { %s }',
    "RendezVousFormation": f'formation(id: "{global_id("Formation", "1")}") {{ rendezVous {{ %s }} }}',
}
"""How an object of each type that has fields with arguments is asked for."""

_LITERALS = {
    "String": '"x"',
    "ID": '"x"',
    "Int": "3",
    "Float": "1.5",
    "Boolean": "true",
    "Date": '"2027-09-01"',
    "ZoneInput": "{france: true}",
}

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Value:
    """A place for a value: an argument, or something within one."""

    parent: str
    """The type that has the field."""
    field: str
    steps: Steps
    """The argument's name, then fields of input types and places in lists."""
    type: Any
    text: str
    """The field, with `$value` in this place."""

    @property
    def path(self) -> str:
        """As an error names it: `criteria.romes[0]`."""
        within = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.steps[1:])
        return f"{self.steps[0]}{''.join(within)}"

    @property
    def non_null(self) -> bool:
        return isinstance(self.type, GraphQLNonNull)

    def query(self, *, default: bool) -> str:
        """The operation; with a `default` the variable may be null wherever the value is."""
        nullable = get_nullable_type(self.type)
        variable = f"{nullable} = {_literal(nullable)}" if default else f"{nullable}!"
        kind = "mutation" if self.parent == "Mutation" else "query"
        return f"{kind} Q($value: {variable}) {{ {PARENTS[self.parent] % self.text} }}"


def values(schema: GraphQLSchema) -> Iterator[Value]:
    """Every place of the schema."""
    for parent in schema.type_map.values():
        if not isinstance(parent, GraphQLObjectType) or parent.name.startswith("__"):
            continue
        for field_name, field in parent.fields.items():
            selection = " { __typename }" if is_composite_type(get_named_type(field.type)) else ""
            for name, argument in field.args.items():
                for steps, value_type in _places(name, argument.type):
                    given = _arguments(field.args, steps)
                    text = f"{field_name}({given}){selection}"
                    yield Value(parent.name, field_name, steps, value_type, text)


def _places(name: str | int, value_type: Any) -> Iterator[tuple[Steps, Any]]:
    yield (name,), value_type
    inner: Any = get_nullable_type(value_type)
    below: list[tuple[str | int, Any]] = []
    if isinstance(inner, GraphQLList):
        below = [(0, inner.of_type)]
    elif isinstance(inner, GraphQLInputObjectType):
        below = [(each, field.type) for each, field in inner.fields.items()]
    for step, type_below in below:
        for steps, found in _places(step, type_below):
            yield (name, *steps), found


def _arguments(arguments: dict[str, GraphQLArgument] | dict[str, GraphQLInputField], steps: Steps) -> str:
    """What is required of these arguments, or of these fields, and the one that leads to the place."""
    given = {name: _literal(each.type) for name, each in arguments.items() if _is_required(each)}
    if steps:
        given[str(steps[0])] = _literal(arguments[str(steps[0])].type, steps[1:])
    return ", ".join(f"{name}: {value}" for name, value in given.items())


def _is_required(each: GraphQLArgument | GraphQLInputField) -> bool:
    return is_required_argument(each) if isinstance(each, GraphQLArgument) else is_required_input_field(each)


def _literal(value_type: Any, steps: Steps | None = None) -> str:
    """A value of this type; with steps, the one that holds `$value` at their end."""
    if steps == ():
        return "$value"
    inner: Any = get_nullable_type(value_type)
    if steps is None and str(inner) in _LITERALS:
        return _LITERALS[str(inner)]
    if isinstance(inner, GraphQLList):
        return f"[{_literal(inner.of_type, steps and steps[1:])}]"
    if isinstance(inner, GraphQLEnumType):
        return str(next(iter(inner.values)))
    if isinstance(inner, GraphQLInputObjectType):
        return f"{{{_arguments(inner.fields, steps or ())}}}"
    raise AssertionError(f"no value is known of {inner}")
