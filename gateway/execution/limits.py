"""Limits on the size of a document, checked before any rule that expands fragments.

Fragments that spread one another let a short document select exponentially many fields. Code that expands
them, such as the limiters of depth and aliases, takes exponential time. The count here reads each fragment
once, so it takes linear time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    MaxIntrospectionDepthRule,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
)
from strawberry.extensions import MaxAliasesLimiter, QueryDepthLimiter

from gateway.errors import LIMIT_EXCEEDED

_MAX_NESTING = 100
"""Deepest selection that is counted, with fragments expanded; far above any default limit of depth."""


@dataclass(frozen=True)
class Limits:
    """The limits of one document; `gateway/settings.py` describes each."""

    max_depth: int = 12
    max_aliases: int = 30
    max_tokens: int = 2_000
    max_selections: int = 500
    max_cost: int = 10_000

    @cached_property
    def rules(self) -> tuple[type[ASTValidationRule], ...]:
        """The rules of the other limits. They expand fragments, so `selection_error` comes first."""
        return (
            *(_coded(each, "aliases") for each in MaxAliasesLimiter(self.max_aliases).validation_rules),
            *(_coded(each, "depth") for each in QueryDepthLimiter(self.max_depth).validation_rules),
        )

    def coded(self, rules: Iterable[type[ASTValidationRule]]) -> Iterator[type[ASTValidationRule]]:
        """The rules of graphql-core, the errors of the one that is a limit with the code of a limit."""
        for rule in rules:
            yield _coded(rule, "introspection") if rule is MaxIntrospectionDepthRule else rule


DEFAULT_LIMITS = Limits()


def limit_error(message: str, limit: str) -> GraphQLError:
    """The error of an operation that is over the limit of that name."""
    return GraphQLError(message, extensions={"code": LIMIT_EXCEEDED, "limit": limit})


class _CodedContext:
    """A validation context that gives the errors of one rule the code of a limit."""

    def __init__(self, context: ValidationContext, limit: str) -> None:
        self._context = context
        self._limit = limit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def report_error(self, error: GraphQLError) -> None:
        error.extensions = limit_error("", self._limit).extensions
        self._context.report_error(error)


def _coded(rule: type[ASTValidationRule], limit: str) -> type[ASTValidationRule]:
    """The same rule, whose errors have the code of a limit."""

    class Coded(rule):  # type: ignore[misc, valid-type]  # a class made at run time
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(_CodedContext(context, limit))

    return Coded


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
        return limit_error(
            f"Fragments spread themselves, or selections are more than {_MAX_NESTING} deep.", "depth"
        )
    if max(sizes, default=0) > max_selections:
        return limit_error(
            f"The operation selects {max(sizes)} fields and fragments, once its fragments are expanded; "
            f"at most {max_selections} are accepted.",
            "selections",
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
