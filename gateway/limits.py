"""How much a document may select, counted before anything walks through it.

Fragments that spread one another make a short document select without end: whatever expands them, the
limiters of depth and of aliases included, would take as long. Counting knows each fragment once.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
)
from strawberry.extensions import SchemaExtension

_MAX_NESTING = 100
"""Of selections, fragments expanded; nothing in the schema is a tenth as deep."""


class SelectionLimiter(SchemaExtension):
    """Refuses an operation that selects too much, before it is validated."""

    def __init__(self, *, max_selections: int) -> None:
        self._max_selections = max_selections

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        document = context.graphql_document
        # Errors, or an empty list for a document that is known, say that nothing is left to validate.
        if document is not None and context.pre_execution_errors is None:
            error = selection_error(document, self._max_selections)
            if error:
                context.pre_execution_errors = [error]
        yield


def selection_error(document: DocumentNode, max_selections: int) -> GraphQLError | None:
    """What is wrong with the size of a document."""
    counter = _Counter(document)
    try:
        sizes = [
            counter.size(definition.selection_set, 0)
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode)
        ]
    except RecursionError:
        return GraphQLError(f"Fragments spread themselves, or selections are more than {_MAX_NESTING} deep.")
    if max(sizes, default=0) > max_selections:
        return GraphQLError(
            f"The operation selects {max(sizes)} fields and fragments, once its fragments are expanded; "
            f"at most {max_selections} are accepted."
        )
    return None


class _Counter:
    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._sizes: dict[str, int] = {}

    def size(self, selection_set: SelectionSetNode | None, depth: int) -> int:
        """Fields and fragments selected, at all levels. Raises RecursionError."""
        if depth > _MAX_NESTING:
            raise RecursionError
        total = 0
        for node in selection_set.selections if selection_set else ():
            total += 1
            if isinstance(node, FragmentSpreadNode):
                total += self._fragment(node.name.value, depth + 1)
            else:
                total += self.size(getattr(node, "selection_set", None), depth + 1)
        return total

    def _fragment(self, name: str, depth: int) -> int:
        if name not in self._fragments:
            return 0  # validation says so
        if name not in self._sizes:
            self._sizes[name] = self.size(self._fragments[name].selection_set, depth)
        return self._sizes[name]
