"""Documents parsed and validated once, and their plans; bounded, whatever is sent."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode
from strawberry.extensions import SchemaExtension

from gateway.execution.plans import DocumentPlans

MAX_DOCUMENTS = 500
MAX_TEXT_CHARS = 20_000
"""A longer document is not kept: it would weigh more than it saves."""


@dataclass
class _Kept:
    document: DocumentNode
    operations: list[int] = field(default_factory=list)


class Documents:
    """Of one schema. A document is kept from its second sight on, so that documents made for one
    request cost nothing but themselves; the least recently used leaves first.
    """

    def __init__(self, size: int = MAX_DOCUMENTS) -> None:
        self._size = size
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._plans: dict[int, DocumentPlans] = {}

    def find(self, text: str) -> DocumentNode | None:
        """The document of a text that was valid before."""
        kept = self._kept.get(text)
        if kept is None:
            return None
        self._kept.move_to_end(text)
        return kept.document

    def record(self, text: str, document: DocumentNode) -> None:
        """Take note of a document that was parsed and found valid."""
        # Requests that were under way together have each parsed it: the first to say so is kept.
        if len(text) > MAX_TEXT_CHARS or text in self._kept:
            return
        mark = hash(text)
        if mark not in self._seen:
            self._seen[mark] = None
            if len(self._seen) > 4 * self._size:
                self._seen.popitem(last=False)
            return
        self._kept[text] = kept = _Kept(document)
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self._plans[id(definition)] = DocumentPlans(definition, fragments)
                kept.operations.append(id(definition))
        if len(self._kept) > self._size:
            _, oldest = self._kept.popitem(last=False)
            for operation in oldest.operations:
                del self._plans[operation]

    def plans(self, operation: OperationDefinitionNode) -> DocumentPlans | None:
        """The plans of an operation of a kept document."""
        plans = self._plans.get(id(operation))
        # The id of a node that is gone may name another one by now.
        return plans if plans is not None and plans.operation is operation else None


class DocumentCache(SchemaExtension):
    """Spares a known document its parsing and its validation."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def on_operation(self) -> Iterator[None]:
        context = self.execution_context
        document = self._documents.find(context.query) if context.query else None
        if document is not None:
            context.graphql_document = document
            # An empty list says that validation was done, and found nothing.
            context.pre_execution_errors = []
            yield
            return
        self.prepare()
        yield
        if context.query and context.graphql_document and context.pre_execution_errors == []:
            self._documents.record(context.query, context.graphql_document)

    def prepare(self) -> None:
        """Called before a new document is parsed and validated."""
