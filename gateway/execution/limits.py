"""Limits on the size of a document, checked before any rule that expands fragments.

Fragments that spread one another let a short document select exponentially many fields. Code that expands
them, such as the limiters of depth and aliases, takes exponential time. The count here reads each fragment
once, so it takes linear time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
)
from strawberry.extensions import MaxAliasesLimiter, QueryDepthLimiter

_MAX_NESTING = 100
"""Deepest selection that is counted, with fragments expanded; far above any default limit of depth."""


@dataclass(frozen=True)
class Limits:
    """The limits of one document; `gateway/settings.py` describes each."""

    max_depth: int = 12
    max_aliases: int = 30
    max_tokens: int = 2_000
    max_selections: int = 500

    @cached_property
    def rules(self) -> tuple[type[ASTValidationRule], ...]:
        """The validation rules. The first one raises at once, so that no other rule expands the fragments."""
        max_selections = self.max_selections

        class SelectionRule(ASTValidationRule):
            def __init__(self, context: ValidationContext) -> None:
                super().__init__(context)
                error = selection_error(context.document, max_selections)
                if error:
                    raise error

        return (
            SelectionRule,
            *MaxAliasesLimiter(self.max_aliases).validation_rules,
            *QueryDepthLimiter(self.max_depth).validation_rules,
        )


DEFAULT_LIMITS = Limits()


def selection_error(document: DocumentNode, max_selections: int) -> GraphQLError | None:
    """The error of a document that selects too much; None if it is within the limit."""
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
        """The number of fields and fragments selected, at all levels. Raises RecursionError."""
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
            return 0  # validation reports the unknown fragment
        if name not in self._sizes:
            self._sizes[name] = self.size(self._fragments[name].selection_set, depth)
        return self._sizes[name]
