"""Decides whether an operation may run: its size, its cost, and what its caller may still spend."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from graphql import ASTValidationRule, DocumentNode, GraphQLError, OperationDefinitionNode, validate
from prometheus_client import Histogram
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from gateway.execution.cost import operation_cost
from gateway.execution.cost_model import CostModel
from gateway.execution.documents import Documents
from gateway.execution.limits import Limits, limit_error, selection_error
from gateway.execution.plans import integer_variables

COST = Histogram(
    "lba_operation_cost",
    "Points of each operation, those that are refused included.",
    buckets=(1, 10, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000),
)


MAX_ERRORS = 20
"""Most errors of validation in one answer."""


class Metered:
    """The base class of the request's context, which knows what the caller may still spend."""

    def charge(self, cost: int) -> None:
        """Take the points from what the caller may still spend. Raises GraphQLError if too few are left."""


class Admission:
    """The checks of one schema. They run before validation, whose time grows with the document."""

    def __init__(self, model: CostModel, limits: Limits, documents: Documents) -> None:
        self._model = model
        self._schema = model.schema
        self._documents = documents
        self._max_selections = limits.max_selections
        self.max_cost = limits.max_cost

    def validate(
        self, document: DocumentNode, rules: Collection[type[ASTValidationRule]]
    ) -> list[GraphQLError]:
        """The errors of a document, at most MAX_ERRORS: the suggestions in each one take long to find."""
        return validate(
            self._schema, document, (*rules, MaybeNullValidationRule, OneOfInputValidationRule), MAX_ERRORS
        )

    def refusal(self, text: str | None, operation_name: str | None) -> GraphQLError | None:
        """The error of an operation that was refused before, whatever its variables."""
        return self._documents.refusal(text, operation_name) if text else None

    def refuse(
        self,
        text: str | None,
        operation_name: str | None,
        operation: OperationDefinitionNode,
        error: GraphQLError,
    ) -> None:
        """Remember that an operation is refused, unless other variables may make it admissible."""
        if text and not list(integer_variables(operation)):
            self._documents.refuse(text, operation_name, error)

    def admit(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> int:
        """The points of an operation that is within the limits. Raises GraphQLError for another.

        The document may be invalid otherwise, which validation will tell.
        """
        known = self._documents.plans(operation)
        if known is None:
            error = selection_error(document, self._max_selections)
            if error is not None:
                raise error
        cost = known.cost(variables) if known else None
        if cost is None:
            cost = operation_cost(self._model, document, operation, variables, self.max_cost)
            if known:
                known.keep_cost(variables, cost)
        COST.observe(cost)
        if cost > self.max_cost:
            raise limit_error(
                f"The operation costs {cost} points or more; at most {self.max_cost} are accepted. Ask for "
                "fewer rows (`first`), fewer fields, or in several requests; @cost and @listSize in the "
                "schema say what each field costs.",
                "cost",
            )
        return cost
