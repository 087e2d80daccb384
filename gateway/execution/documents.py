"""A bounded cache of parsed and validated documents, with their plans."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, FragmentDefinitionNode, GraphQLError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension

from gateway.execution.plans import DocumentPlans

MAX_DOCUMENTS = 500
MAX_TEXT_CHARS = 20_000
"""A longer document is not cached, to bound the memory of the cache."""


@dataclass
class _CachedDocument:
    document: DocumentNode
    operations: list[int] = field(default_factory=list)


class Documents:
    """The documents of one schema, the least recently used evicted first.

    A document is cached the second time it is received, so that documents built for a single request do not
    evict others.
    """

    def __init__(self, size: int = MAX_DOCUMENTS) -> None:
        self._size = size
        self._cached: OrderedDict[str, _CachedDocument] = OrderedDict()
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._plans: dict[int, DocumentPlans] = {}
        self._refused: OrderedDict[tuple[str, str | None], tuple[str, dict[str, Any]]] = OrderedDict()

    def find(self, text: str) -> DocumentNode | None:
        """The cached document of this text."""
        cached = self._cached.get(text)
        if cached is None:
            return None
        self._cached.move_to_end(text)
        return cached.document

    def refuse(self, text: str, operation_name: str | None, error: GraphQLError) -> None:
        """Record that an operation is refused whatever its variables, so that it is not parsed again."""
        if len(text) <= MAX_TEXT_CHARS:
            self._refused[text, operation_name] = error.message, dict(error.extensions or {})
            if len(self._refused) > self._size:
                self._refused.popitem(last=False)

    def refusal(self, text: str, operation_name: str | None) -> GraphQLError | None:
        """The error of an operation that was refused before."""
        known = self._refused.get((text, operation_name))
        return GraphQLError(known[0], extensions=known[1]) if known else None

    def record(self, text: str, document: DocumentNode) -> None:
        """Record that a valid document was received."""
        # Concurrent requests may each have parsed the same text; the first document is kept.
        if len(text) > MAX_TEXT_CHARS or text in self._cached:
            return
        text_hash = hash(text)
        if text_hash not in self._seen:
            self._seen[text_hash] = None
            if len(self._seen) > 4 * self._size:
                self._seen.popitem(last=False)
            return
        self._cached[text] = cached = _CachedDocument(document)
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self._plans[id(definition)] = DocumentPlans(definition, fragments)
                cached.operations.append(id(definition))
        if len(self._cached) > self._size:
            _, oldest = self._cached.popitem(last=False)
            for operation in oldest.operations:
                del self._plans[operation]

    def plans(self, operation: OperationDefinitionNode) -> DocumentPlans | None:
        """The plans of an operation; None if its document is not cached."""
        plans = self._plans.get(id(operation))
        # CPython reuses the id of a freed node: https://docs.python.org/3/library/functions.html#id.
        return plans if plans is not None and plans.operation is operation else None


class DocumentCache(SchemaExtension):
    """Skips parsing and validation of a cached document."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def on_operation(self) -> Iterator[None]:
        context = self.execution_context
        document = self._documents.find(context.query) if context.query else None
        if document is not None:
            context.graphql_document = document
            # strawberry validates when this is None; an empty list means that validation found no error.
            context.pre_execution_errors = []
            yield
            return
        self.prepare()
        yield
        if context.query and context.graphql_document and context.pre_execution_errors == []:
            self._documents.record(context.query, context.graphql_document)

    def prepare(self) -> None:
        """A hook that runs before a document that is not cached is parsed and validated."""
