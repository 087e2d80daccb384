"""The document cache is bounded."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
import strawberry
from graphql import OperationDefinitionNode, parse

from gateway.execution.documents import MAX_TEXT_CHARS, DocumentCache, Documents
from gateway.execution.executor import plan_executor


@strawberry.type
class Query:
    """A query root with one field."""

    @strawberry.field
    def word(self) -> str:
        return "word"


def _operation(documents: Documents, text: str) -> OperationDefinitionNode:
    document = documents.find(text)
    assert document is not None
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation


def test_a_document_is_cached_the_second_time_it_is_recorded() -> None:
    documents = Documents()
    documents.record("{ word }", parse("{ word }"))
    assert documents.find("{ word }") is None

    documents.record("{ word }", parse("{ word }"))
    assert documents.plans(_operation(documents, "{ word }")) is not None


def test_a_document_of_concurrent_requests_is_cached_once() -> None:
    documents = Documents(size=2)
    # Concurrent requests each parse the document, and each records it.
    at_once = [parse("{ word }") for _ in range(5)]
    for document in at_once:
        documents.record("{ word }", document)
    kept = [
        document
        for document in at_once
        if isinstance(operation := document.definitions[0], OperationDefinitionNode)
        and documents.plans(operation) is not None
    ]

    assert len(kept) == 1
    assert documents.find("{ word }") is kept[0]


def test_the_least_recently_used_document_is_evicted_with_its_plans() -> None:
    documents = Documents(size=2)
    for text in ("{ a: word }", "{ b: word }", "{ c: word }"):
        for _ in range(2):
            documents.record(text, parse(text))
            if text == "{ b: word }":
                first = _operation(documents, "{ a: word }")  # used again, so it stays

    assert documents.find("{ b: word }") is None
    assert documents.plans(first) is not None
    assert documents.find("{ c: word }") is not None


def test_a_long_document_is_not_cached() -> None:
    documents = Documents()
    text = "{ word } #" + "x" * MAX_TEXT_CHARS
    for _ in range(3):
        documents.record(text, parse(text))

    assert documents.find(text) is None


@pytest.mark.slow
def test_documents_beyond_the_size_of_the_cache_do_not_grow_the_process() -> None:
    documents = Documents()

    def send(numbers: range) -> None:
        for number in numbers:
            text = f"{{ a{number}: word }}"
            document = parse(text, no_location=True)
            for _ in range(2):  # recorded twice, so that it is cached
                documents.record(text, document)

    send(range(3_000))
    gc.collect()
    tracemalloc.start()
    send(range(3_000, 6_000))
    gc.collect()
    first, _ = tracemalloc.get_traced_memory()
    send(range(6_000, 15_000))
    gc.collect()
    last, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    # Some documents cached at the first measurement were allocated before tracing started.
    assert last < 2 * first + 500_000


@pytest.mark.slow
async def test_executing_new_documents_leaks_no_object() -> None:
    documents = Documents(size=50)
    schema = strawberry.Schema(
        Query,
        extensions=[lambda: DocumentCache(documents)],
        execution_context_class=plan_executor(documents),
    )

    async def send(numbers: range) -> None:
        for number in numbers:
            for _ in range(3):
                result = await schema.execute(f"{{ a{number}: word }}")
                assert result.data == {f"a{number}": "word"}

    await send(range(300))
    gc.collect()
    before = len(gc.get_objects())
    await send(range(300, 1_500))
    gc.collect()

    assert len(gc.get_objects()) < before + 2_000
