"""What every operation goes through: it is chosen in its document, whose text is known or within the limits.

One extension with one hook: strawberry makes each extension and each of its hooks anew for every
request, which costs as much as a field with a resolver.
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
    """Of one request."""

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
    """Refuses a request that does not say which operation to run, where strawberry runs the first one.

    https://spec.graphql.org/September2025/#GetOperation()
    """

    @property
    def operation_type(self) -> OperationType:
        """Asked by strawberry once the document is parsed. Raises GraphQLError."""
        if self.graphql_document is not None:
            error = choice_error(self.graphql_document, self._provided_operation_name)
            if error is not None:
                raise error
        return super().operation_type


def choice_error(document: DocumentNode, name: str | None) -> GraphQLError | None:
    """What is wrong with the name that was given for an operation of the document, or with its absence."""
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    names = [each.name.value for each in operations if each.name]
    if not operations:
        message = "The document holds no operation."
    elif name is None:
        # Validation refuses several operations without a name.
        if len(operations) == 1 or not names:
            return None
        message = f"The document holds several operations; name one in operationName: {', '.join(names)}."
    elif name in names:
        return None
    else:
        held = f"it holds {', '.join(names)}" if names else "its operation has no name"
        message = f"The document holds no operation named '{name}'; {held}."
    return GraphQLError(message, extensions={"code": BAD_REQUEST})
