"""Applies the document cache, the limits and the choice of the operation to every request.

It is one extension with one hook, because strawberry creates every extension and hook again for each request,
which costs as much as a field with a resolver.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode
from strawberry.types import ExecutionContext
from strawberry.types.graphql import OperationType

from gateway.errors import BAD_REQUEST, add_partial_errors
from gateway.execution.documents import DocumentCache, Documents
from gateway.execution.limits import Limits


class Operation(DocumentCache):
    """The extension that handles one request."""

    def __init__(self, documents: Documents, limits: Limits) -> None:
        super().__init__(documents)
        self._limits = limits

    def on_operation(self) -> Iterator[None]:
        yield from super().on_operation()
        add_partial_errors(self.execution_context.result, self.execution_context.context)

    def prepare(self) -> None:
        context = self.execution_context
        context.parse_options["max_tokens"] = self._limits.max_tokens
        context.validation_rules = (*self._limits.rules, *context.validation_rules)


class ChosenOperation(ExecutionContext):
    """Refuses a request that does not choose one of several operations; strawberry would run the first.

    https://spec.graphql.org/September2025/#GetOperation()
    """

    @property
    def operation_type(self) -> OperationType:
        """Read by strawberry once the document is parsed. Raises GraphQLError."""
        if self.graphql_document is not None:
            error = choice_error(self.graphql_document, self._provided_operation_name)
            if error is not None:
                raise error
        return super().operation_type


def choice_error(document: DocumentNode, name: str | None) -> GraphQLError | None:
    """The error of a missing or unknown operation name; None if the name chooses one operation."""
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    names = [each.name.value for each in operations if each.name]
    if not operations:
        message = "The document holds no operation."
    elif name is None:
        # Validation refuses an anonymous operation beside others:
        # https://spec.graphql.org/September2025/#sec-Lone-Anonymous-Operation
        if len(operations) == 1 or not names:
            return None
        message = f"The document holds several operations; name one in operationName: {', '.join(names)}."
    elif name in names:
        return None
    else:
        known_names = f"it holds {', '.join(names)}" if names else "its operation has no name"
        message = f"The document holds no operation named '{name}'; {known_names}."
    return GraphQLError(message, extensions={"code": BAD_REQUEST})
