"""What a query selects below a field, so that what nobody reads is not fetched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, GraphQLResolveInfo, InlineFragmentNode, SelectionNode


def selects(info: GraphQLResolveInfo[Any], name: str) -> bool:
    """Whether a field called `name` is selected anywhere below the field being resolved.

    @skip and @include are not looked at: at worst a little more is fetched than is shown.
    """
    pending: list[Iterable[SelectionNode]] = [
        node.selection_set.selections for node in info.field_nodes if node.selection_set
    ]
    seen_fragments = set()
    while pending:
        for node in pending.pop():
            if isinstance(node, FieldNode):
                if node.name.value == name:
                    return True
                if node.selection_set:
                    pending.append(node.selection_set.selections)
            elif isinstance(node, InlineFragmentNode):
                pending.append(node.selection_set.selections)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen_fragments:
                seen_fragments.add(node.name.value)
                pending.append(info.fragments[node.name.value].selection_set.selections)
    return False
