"""Queries that select all that can be selected of the objects that have a global id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

LISTS = {"formations", "besoins", "offres", "recruteurs", "employeurs"}


def whole_search(schema: GraphQLSchema, name: str) -> str:
    """A query of one list of a search, with every field of its edges and of what they hold."""
    result = schema.type_map["SearchResult"]
    assert isinstance(result, GraphQLObjectType)
    connection = get_named_type(result.fields[name].type)
    assert isinstance(connection, GraphQLObjectType)
    edge = get_named_type(connection.fields["edges"].type)
    return (
        "query Whole($romes: [String!]!, $zone: ZoneInput!) { search(criteria: {romes: $romes, zone: $zone}) "
        f"{{ __typename {name}(first: 100) {{ edges {{ {_all_of(schema, edge)} }} }} }} }}"
    )


def possible_types(schema: GraphQLSchema) -> dict[str, list[str]]:
    """The object types of each interface."""
    interfaces = [each for each in schema.type_map.values() if isinstance(each, GraphQLInterfaceType)]
    return {each.name: [one.name for one in schema.get_possible_types(each)] for each in interfaces}


def objects_with_ids(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of an answer that has a type and an id, wherever it is."""
    if isinstance(value, list):
        for each in value:
            yield from objects_with_ids(each)
    elif isinstance(value, dict):
        if "__typename" in value and "id" in value:
            yield f"{value['__typename']}:{value['id']}", value
        for each in value.values():
            yield from objects_with_ids(each)


def _all_of(schema: GraphQLSchema, graphql_type: Any) -> str:
    if not isinstance(graphql_type, GraphQLInterfaceType):
        return " ".join(["__typename", *_fields(schema, graphql_type.fields)])
    possible = schema.get_possible_types(graphql_type)
    fragments = [
        f"... on {one.name} {{ {' '.join(_fields(schema, _unlike_none(one, possible)))} }}"
        for one in possible
    ]
    return " ".join(["__typename", *fragments])


def _fields(schema: GraphQLSchema, fields: dict[str, GraphQLField]) -> Iterator[str]:
    for name, field in fields.items():
        if any(map(is_required_argument, field.args.values())):
            continue
        inner = get_named_type(field.type)
        yield name if is_leaf_type(inner) else f"{name} {{ {_all_of(schema, inner)} }}"


def _unlike_none(one: GraphQLObjectType, others: list[GraphQLObjectType]) -> dict[str, GraphQLField]:
    """The fields that may be selected beside those of the others: two of one name must be of one type."""
    return {
        name: field
        for name, field in one.fields.items()
        if all(
            name not in other.fields or str(other.fields[name].type) == str(field.type) for other in others
        )
    }
