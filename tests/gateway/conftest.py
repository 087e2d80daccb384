"""A gateway over HTTP, in front of scripted services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import create_app
from protos import catalogue_pb2
from tests.support.gateway.scripted import Scripts, scripted_services, settings_for


@dataclass
class Gateway:
    """What a test calls."""

    client: TestClient[Any, Any]
    scripts: Scripts

    async def post(
        self, query: str, headers: dict[str, str] | None = None, **variables: Any
    ) -> ClientResponse:
        return await self.client.post(
            "/graphql", json={"query": query, "variables": variables}, headers=headers
        )

    async def ask(
        self, query: str, headers: dict[str, str] | None = None, **variables: Any
    ) -> dict[str, Any]:
        """The JSON of an answer whose status must be 200."""
        response = await self.post(query, headers, **variables)
        answer: dict[str, Any] = await response.json()
        assert response.status == 200, answer
        return answer


@pytest.fixture
def scripts() -> Scripts:
    scripts = Scripts()
    scripts.answer(
        "GetRomes",
        catalogue_pb2.GetRomesResponse(
            romes=[
                catalogue_pb2.Rome(code="D1102", libelle="Boulangerie - viennoiserie"),
                catalogue_pb2.Rome(code="D1104", libelle="Pâtisserie"),
                catalogue_pb2.Rome(code="G1602", libelle="Personnel de cuisine"),
            ]
        ),
    )
    return scripts


@pytest.fixture(params=["wire", "plans", "plain"])
async def gateway(scripts: Scripts, request: pytest.FixtureRequest) -> AsyncIterator[Gateway]:
    """Three times: with all plans, without those that write from bytes, with graphql-core alone."""
    async with scripted_services(scripts) as addresses:
        modes = {"plans": request.param != "plain", "wire": request.param == "wire"}
        app = create_app(settings_for(addresses, budget_s=1.0, max_body_bytes=20_000, **modes))
        async with TestClient(TestServer(app, handler_cancellation=True)) as client:
            yield Gateway(client, scripts)
