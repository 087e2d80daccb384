"""Generates random queries for a schema: aliases, nested fragments, type conditions, @skip and @include."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
)


@dataclass(frozen=True)
class Vocabulary:
    """The names that queries of a schema may use."""

    fields: Mapping[str, Mapping[str, str]]
    """For each type, the type of each field's value; empty for a leaf."""
    within: Mapping[str, tuple[str, ...]]
    """For each type, the types of the fragments allowed there."""
    resolved: tuple[str, ...]
    """The names of the fields with a resolver or a permission."""
    arguments: Mapping[str, str]
    """For each field with arguments, their text in a query."""


def vocabulary(
    schema: GraphQLSchema, resolved: tuple[str, ...] = (), arguments: Mapping[str, str] | None = None
) -> Vocabulary:
    """The vocabulary of the whole schema."""
    composites = {
        name: each
        for name, each in schema.type_map.items()
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
        and not name.startswith("__")
    }
    return Vocabulary(
        {name: _fields(each) for name, each in composites.items()},
        {name: _within(schema, each) for name, each in composites.items() if name != "Query"},
        resolved,
        arguments or {},
    )


def _fields(composite: Any) -> dict[str, str]:
    named = {name: get_named_type(each.type) for name, each in getattr(composite, "fields", {}).items()}
    return {name: each.name if is_composite_type(each) else "" for name, each in named.items()}


def _within(schema: GraphQLSchema, composite: Any) -> tuple[str, ...]:
    if isinstance(composite, GraphQLObjectType):
        return (composite.name, *(each.name for each in composite.interfaces))
    return tuple(each.name for each in schema.get_possible_types(composite))


class QueryGenerator:
    """Generates one query for a seed. Most queries are valid."""

    def __init__(self, seed: int, words: Vocabulary) -> None:
        self._words = words
        self._rng = random.Random(seed)
        self._fragments: dict[str, str] = {}
        self._aliases = 0
        # Half of the queries have no field with a resolver, so that whole lists are compiled.
        self._plain = seed % 2 == 0

    def text(self) -> str:
        body = self._selection("Query", 4)
        fragments = " ".join(self._fragments.values())
        return f"query Q($yes: Boolean = true, $no: Boolean = false) {body} {fragments}"

    def _selection(self, type_name: str, depth: int) -> str:
        parts = [self._part(type_name, depth) for _ in range(self._rng.randint(1, 5))]
        return "{ " + " ".join(["__typename", *parts]) + " }"

    def _part(self, type_name: str, depth: int) -> str:
        roll = self._rng.random()
        within = self._words.within.get(type_name)
        if within and depth and (roll < 0.15 or not self._words.fields[type_name]):
            on = self._rng.choice(within)
            return f"... on {on}{self._condition()} {self._selection(on, depth - 1)}"
        if depth and roll < 0.25 and type_name != "Query":
            return f"...{self._fragment(type_name, depth - 1)}{self._condition()}"
        return self._field(type_name, depth)

    def _fragment(self, type_name: str, depth: int) -> str:
        name = f"F{len(self._fragments)}"
        self._fragments[name] = ""
        self._fragments[name] = f"fragment {name} on {type_name} {self._selection(type_name, depth)}"
        return name

    def _field(self, type_name: str, depth: int) -> str:
        fields = [
            name
            for name, inner in self._words.fields[type_name].items()
            if (depth or not inner) and not (self._plain and name in self._words.resolved)
        ]
        if not fields:
            return "__typename"
        name = self._rng.choice(fields)
        inner = self._words.fields[type_name][name]
        selection = f" {self._selection(inner, depth - 1)}" if inner else ""
        argument = self._words.arguments.get(name, "") if self._rng.random() < 0.5 else ""
        # Most fields get a unique alias, so that fields seldom conflict.
        self._aliases += 1
        alias = f"a{self._aliases}: " if inner or argument or self._rng.random() < 0.3 else ""
        return f"{alias}{name}{argument}{self._condition()}{selection}"

    def _condition(self) -> str:
        return self._rng.choice(("",) * 8 + (" @skip(if: $no)", " @include(if: $no)", " @include(if: $yes)"))
