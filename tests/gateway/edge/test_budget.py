"""No operation runs long after its budget, whatever its resolvers do."""

from __future__ import annotations

import asyncio

import pytest
import strawberry

from gateway.schema import Schema
from tests.support.gateway.endpoint import endpoint

ENDED: list[str] = []


async def _forget_the_time() -> str:
    try:
        await asyncio.Event().wait()
    finally:
        ENDED.append("hangs")
    raise AssertionError


@strawberry.type
class Query:
    """A query root with a resolver that knows no deadline."""

    hangs: str = strawberry.field(resolver=_forget_the_time)


@pytest.mark.slow
async def test_an_operation_that_forgets_its_budget_is_ended() -> None:
    ENDED.clear()
    async with endpoint(Schema(Query), budget_s=0.1) as client:
        response = await client.post("/graphql", json={"query": "{ hangs }"})
        answer = await response.json()

        assert response.status == 504
        assert answer["errors"][0]["extensions"]["code"] == "TIMEOUT"
        assert ENDED == ["hangs"]
        # Its place is free again.
        assert (await client.post("/graphql", json={"query": "{ __typename }"})).status == 200
