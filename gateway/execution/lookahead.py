"""Lookahead: the selection below a field, which tells resolvers what they need not fetch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, GraphQLResolveInfo, InlineFragmentNode, SelectionNode


def selects(info: GraphQLResolveInfo[Any], name: str) -> bool:
    """Whether a field called `name` is selected anywhere below the field being resolved.

    @skip and @include are ignored, so the resolver may fetch a value that the answer leaves out.
    """
    pending, seen = list(info.field_nodes), set[str]()
    while pending:
        for field in _fields(info, pending.pop(), seen):
            if field.name.value == name:
                return True
            pending.append(field)
    return False


def selects_path(info: GraphQLResolveInfo[Any], *names: str) -> bool:
    """Whether the fields are selected, each directly on the value of the one before.

    @skip and @include are ignored, as in `selects`.
    """
    fields = list(info.field_nodes)
    for name in names:
        fields = [
            below for field in fields for below in _fields(info, field, set()) if below.name.value == name
        ]
    return bool(fields)


def _fields(info: GraphQLResolveInfo[Any], field: FieldNode, seen: set[str]) -> Iterator[FieldNode]:
    """The fields selected on the value of a field. Skips the fragments in `seen`, and adds to them."""
    pending: list[Iterable[SelectionNode]] = [field.selection_set.selections] if field.selection_set else []
    while pending:
        for node in pending.pop():
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                pending.append(node.selection_set.selections)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                pending.append(info.fragments[node.name.value].selection_set.selections)
