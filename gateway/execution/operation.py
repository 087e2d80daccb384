"""What every operation goes through: the document cache, the limits of new documents, public errors.

One extension with one hook: strawberry makes each extension and each of its hooks anew for every
request, which costs as much as a field with a resolver.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.errors import make_public
from gateway.execution.documents import DocumentCache, Documents
from gateway.execution.limits import Limits


class Operation(DocumentCache):
    """Of one request."""

    def __init__(self, documents: Documents, limits: Limits) -> None:
        super().__init__(documents)
        self._limits = limits

    def on_operation(self) -> Iterator[None]:
        yield from super().on_operation()
        make_public(self.execution_context.result, self.execution_context.context)

    def is_new(self) -> None:
        context = self.execution_context
        context.parse_options["max_tokens"] = self._limits.max_tokens
        context.validation_rules = (*self._limits.rules, *context.validation_rules)
