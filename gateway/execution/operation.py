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
from gateway.execution.admission import Admission, Metered
from gateway.execution.documents import DocumentCache, Documents
from gateway.execution.limits import Limits


class Operation(DocumentCache):
    """The extension that handles one request."""

    def __init__(self, documents: Documents, limits: Limits) -> None:
        super().__init__(documents)
        self._limits = limits

    def on_operation(self) -> Iterator[None]:
        context = self.execution_context
        if isinstance(context, ChosenOperation):
            context.raise_if_refused_before()
        yield from super().on_operation()
        add_partial_errors(self.execution_context.result, self.execution_context.context)

    def prepare(self) -> None:
        context = self.execution_context
        # The number of tokens is checked by the parser, all else about the size by `ChosenOperation`.
        context.parse_options["max_tokens"] = self._limits.max_tokens
        context.validation_rules = (*self._limits.rules, *self._limits.coded(context.validation_rules))


class ChosenOperation(ExecutionContext):
    """Refuses a request that does not choose one of several operations, or whose operation may not run.

    strawberry would run the first: https://spec.graphql.org/September2025/#GetOperation().
    """

    admission: Admission | None = None
    """The checks of the operation's size and cost; None admits all."""
    _admitted: bool = False

    @property
    def operation_type(self) -> OperationType:
        """Read by strawberry once the document is parsed, before its validation. Raises GraphQLError."""
        document = self.graphql_document
        if document is not None and not self._admitted:
            operation = chosen_operation(document, self._provided_operation_name)
            if operation is not None and self.admission is not None:
                self._admit(self.admission, document, operation)
            self._admitted = True
        return super().operation_type

    def raise_if_refused_before(self) -> None:
        """Raise the GraphQLError of an operation that was refused before, which need not be parsed again."""
        if self.admission is not None:
            error = self.admission.refusal(self.query, self._provided_operation_name)
            if error is not None:
                raise error

    def _admit(
        self, admission: Admission, document: DocumentNode, operation: OperationDefinitionNode
    ) -> None:
        try:
            cost = admission.admit(document, operation, self.variables or {})
        except GraphQLError as error:
            admission.refuse(self.query, self._provided_operation_name, operation, error)
            raise
        if isinstance(self.context, Metered):
            self.context.charge(cost)
        if self.pre_execution_errors is None:
            # strawberry validates when it finds None, with a larger limit of errors.
            self.pre_execution_errors = admission.validate(document, self.validation_rules)
        if (self.operation_extensions or {}).get("cost") is True:
            self.extensions_results["cost"] = {"requested": cost, "max": admission.max_cost}


def chosen_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The operation that the name chooses; None if validation will refuse the document.

    Raises GraphQLError for a missing or unknown name.
    """
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    names = [each.name.value for each in operations if each.name]
    if not operations:
        message = "The document holds no operation."
    elif name is None:
        if len(operations) == 1:
            return operations[0]
        # Validation refuses an anonymous operation beside others:
        # https://spec.graphql.org/September2025/#sec-Lone-Anonymous-Operation
        if not names:
            return None
        message = f"The document holds several operations; name one in operationName: {', '.join(names)}."
    elif name in names:
        return next(each for each in operations if each.name and each.name.value == name)
    else:
        known_names = f"it holds {', '.join(names)}" if names else "its operation has no name"
        message = f"The document holds no operation named '{name}'; {known_names}."
    raise GraphQLError(message, extensions={"code": BAD_REQUEST})
