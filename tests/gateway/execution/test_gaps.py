"""A list whose objects have gaps is one plan, and its gaps run as in graphql-core."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
import strawberry
from prometheus_client import REGISTRY

from gateway.execution.documents import DocumentCache, Documents
from gateway.execution.executor import plan_executor
from tests.support.execution.message_world import CONFIG, EDGE, NUT, SHELL, NutEdge

QUERY = "{ edges { cursor node { name strict twice(by: 3) shell { tag inner { slow size } } slow size } } }"


@dataclass
class Forest:
    """The context of the query."""

    edges: list[Any] = field(default_factory=list)
    rows: int = 0
    barrier: asyncio.Barrier = field(default_factory=lambda: asyncio.Barrier(1))


@strawberry.type
class Row:
    """A row whose fields wait until the fields of all rows have started."""

    number: int

    @strawberry.field
    async def together(self, info: strawberry.Info[Forest, None]) -> bool:
        return await info.context.barrier.wait() >= 0

    @strawberry.field
    async def too(self, info: strawberry.Info[Forest, None]) -> bool:
        return await info.context.barrier.wait() >= 0


@strawberry.type
class Query:
    """The edges of the context, and a number of rows."""

    @strawberry.field
    def rows(self, info: strawberry.Info[Forest, None]) -> list[Row]:
        return [Row(number=number) for number in range(info.context.rows)]

    @strawberry.field
    def edges(self, info: strawberry.Info[Forest, None]) -> list[NutEdge]:
        return info.context.edges


def _schema(*, plans: bool) -> strawberry.Schema:
    documents = Documents()
    return strawberry.Schema(
        Query,
        extensions=[lambda: DocumentCache(documents)],
        config=CONFIG,
        execution_context_class=plan_executor(documents) if plans else None,
    )


@pytest.fixture(params=["plans", "plain"])
def schema(request: pytest.FixtureRequest) -> strawberry.Schema:
    return _schema(plans=request.param == "plans")


def _nut(name: str, inner: str | None = None) -> Any:
    make: Any = NUT
    shell: Any = SHELL
    tag = shell(tag=f"tag {name}", inner=None if inner is None else make(name=inner, size=7))
    return make(name=name, size=len(name), shell=tag)


def _edges(*nuts: Any) -> list[Any]:
    edge: Any = EDGE
    return [edge(cursor=str(number), node=nut) for number, nut in enumerate(nuts)]


async def _execute_cached(schema: strawberry.Schema, query: str, forest: Forest) -> Any:
    """The answer, with the document in the cache."""
    for _ in range(2):
        await schema.execute(query, context_value=Forest())
    return await schema.execute(query, context_value=forest)


def _compiled() -> float:
    return REGISTRY.get_sample_value("lba_plans_total", {"how": "compiled"}) or 0.0


async def test_each_gap_reads_its_object_and_keeps_its_place_in_the_answer(schema: strawberry.Schema) -> None:
    forest = Forest(_edges(_nut("oak", inner="acorn"), _nut("elm"), _nut("hazel", inner="nut")))

    result = await _execute_cached(schema, QUERY, forest)

    assert result.errors is None
    assert [list(edge) for edge in result.data["edges"]] == [["cursor", "node"]] * 3
    assert result.data["edges"][0]["node"] == {
        "name": "oak",
        "strict": "slow oak",
        "twice": 9,
        "shell": {"tag": "tag oak", "inner": {"slow": "slow acorn", "size": 7}},
        "slow": "slow oak",
        "size": 3,
    }
    assert [edge["node"]["slow"] for edge in result.data["edges"]] == ["slow oak", "slow elm", "slow hazel"]
    inner = [edge["node"]["shell"]["inner"] for edge in result.data["edges"]]
    assert inner == [{"slow": "slow acorn", "size": 7}, None, {"slow": "slow nut", "size": 7}]


async def test_a_failed_nullable_field_is_null(schema: strawberry.Schema) -> None:
    forest = Forest(_edges(_nut("oak"), _nut("")))

    result = await _execute_cached(schema, "{ edges { node { size slow } } }", forest)

    assert result.data == {
        "edges": [{"node": {"size": 3, "slow": "slow oak"}}, {"node": {"size": 0, "slow": None}}]
    }
    assert [(error.message, error.path) for error in result.errors] == [
        ("no name", ["edges", 1, "node", "slow"])
    ]


async def test_a_failed_non_null_field_propagates_to_a_nullable_object(schema: strawberry.Schema) -> None:
    forest = Forest(_edges(_nut("oak", inner=""), _nut("elm", inner="")))
    query = "{ edges { node { size shell { inner { size strict } } } } }"

    result = await _execute_cached(schema, query, forest)

    nothing = {"size": 3, "shell": {"inner": None}}
    assert result.data == {"edges": [{"node": nothing}, {"node": nothing}]}
    assert [error.path for error in result.errors] == [
        ["edges", number, "node", "shell", "inner", "strict"] for number in range(2)
    ]


async def test_a_list_with_gaps_is_one_plan() -> None:
    schema = _schema(plans=True)
    forest = Forest(_edges(*(_nut(f"nut {number}", inner="seed") for number in range(20))))
    await _execute_cached(schema, QUERY, forest)
    before = _compiled()

    await schema.execute(QUERY, context_value=forest)

    assert _compiled() == before + 1


async def test_async_fields_of_a_list_run_concurrently(schema: strawberry.Schema) -> None:
    forest = Forest(rows=3, barrier=asyncio.Barrier(6))

    result = await asyncio.wait_for(_execute_cached(schema, "{ rows { together number too } }", forest), 30)

    assert result.data == {"rows": [{"together": True, "number": number, "too": True} for number in range(3)]}
