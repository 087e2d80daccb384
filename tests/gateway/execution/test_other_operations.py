"""Operations that plans don't compile work: introspection, mutations, subscriptions, @defer, @stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import strawberry
from graphql import get_introspection_query
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from gateway.execution.documents import DocumentCache, Documents
from gateway.execution.executor import plan_executor


@strawberry.type
class Tree:
    """A type with basic fields and an async one."""

    name: str
    size: int

    @strawberry.field
    async def slow(self) -> str:
        await asyncio.sleep(0)
        return f"slow {self.name}"


TREES = [Tree(name="oak", size=3), Tree(name="elm", size=2), Tree(name="ash", size=1)]


@strawberry.type
class Query:
    """A list field and an object field."""

    @strawberry.field
    def trees(self) -> list[Tree]:
        return TREES

    @strawberry.field
    def tree(self) -> Tree:
        return TREES[0]


@strawberry.type
class Mutation:
    """Records the order of its calls in the context."""

    @strawberry.mutation
    async def plant(self, info: strawberry.Info[list[str], None], name: str) -> Tree:
        info.context.append(f"begin {name}")
        await asyncio.sleep(0)
        info.context.append(f"end {name}")
        return Tree(name=name, size=0)


@strawberry.type
class Subscription:
    """Sends the trees one by one."""

    @strawberry.subscription
    async def growth(self) -> AsyncIterator[Tree]:
        for tree in TREES:
            yield tree


@pytest.fixture(params=["plans", "plain"])
def schema(request: pytest.FixtureRequest) -> strawberry.Schema:
    documents = Documents()

    def cache() -> SchemaExtension:
        return DocumentCache(documents)

    return strawberry.Schema(
        Query,
        Mutation,
        Subscription,
        extensions=[cache],
        config=StrawberryConfig(enable_experimental_incremental_execution=True),
        execution_context_class=plan_executor(documents) if request.param == "plans" else None,
    )


async def _execute_cached(schema: strawberry.Schema, query: str, context: Any = None) -> Any:
    """The answer, with the document and its plans in the cache."""
    for _ in range(2):
        await schema.execute(query, context_value=[])
    return await schema.execute(query, context_value=context)


async def test_introspection(schema: strawberry.Schema) -> None:
    result = await _execute_cached(schema, get_introspection_query())

    assert result.errors is None
    assert {each["name"] for each in result.data["__schema"]["types"]} >= {"Query", "Tree", "Mutation"}


async def test_mutations_run_one_after_another(schema: strawberry.Schema) -> None:
    calls: list[str] = []
    result = await _execute_cached(
        schema, 'mutation { a: plant(name: "a") { name size } b: plant(name: "b") { name } }', calls
    )

    assert result.data == {"a": {"name": "a", "size": 0}, "b": {"name": "b"}}
    assert calls == ["begin a", "end a", "begin b", "end b"]


async def test_subscriptions_give_each_value(schema: strawberry.Schema) -> None:
    events = [event async for event in await schema.subscribe("subscription { growth { name slow } }")]

    assert [event.data for event in events] == [
        {"growth": {"name": tree.name, "slow": f"slow {tree.name}"}} for tree in TREES
    ]


async def _parts(result: Any) -> tuple[Any, list[Any]]:
    """The data of the initial result, and the incremental results."""
    following = [each async for part in result.subsequent_results for each in part.incremental or ()]
    return result.initial_result.data, following


async def test_a_deferred_fragment_comes_later(schema: strawberry.Schema) -> None:
    query = "{ tree { name ... @defer { size slow } } trees { name } }"
    initial, following = await _parts(await _execute_cached(schema, query))

    assert initial == {"tree": {"name": "oak"}, "trees": [{"name": tree.name} for tree in TREES]}
    assert [each.data for each in following] == [{"size": 3, "slow": "slow oak"}]


async def test_a_streamed_list_comes_item_by_item(schema: strawberry.Schema) -> None:
    initial, following = await _parts(
        await _execute_cached(schema, "{ trees @stream(initialCount: 1) { name size } }")
    )

    assert initial == {"trees": [{"name": "oak", "size": 3}]}
    assert [item for each in following for item in each.items] == [
        {"name": "elm", "size": 2},
        {"name": "ash", "size": 1},
    ]
