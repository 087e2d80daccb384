"""A gateway over HTTP, in front of scripted services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from protos import catalogue_pb2
from tests.support.gateway.scripted import Scripts, scripted_services, settings_for
from tests.support.gateway.server import GatewayServer


@dataclass
class Gateway:
    """A running gateway: an HTTP client, and the scripts of the services behind it."""

    client: TestClient[Any, Any]
    scripts: Scripts
    planned: bool = False
    """Whether plans answer the queries; `ask` then sends a query until its document is cached."""

    async def post(
        self, query: str, headers: dict[str, str] | None = None, **variables: Any
    ) -> ClientResponse:
        return await self.client.post(
            "/graphql", json={"query": query, "variables": variables}, headers=headers
        )

    async def ask(
        self, query: str, headers: dict[str, str] | None = None, **variables: Any
    ) -> dict[str, Any]:
        """The JSON body of the answer, whose status must be 200."""
        if self.planned:
            before = len(self.scripts.calls)
            for _ in range(2):
                await self.post(query, headers, **variables)
            self.scripts.forget(before)
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


MODES = {
    "wire": {"plans": True, "wire": True},
    "plans": {"plans": True, "wire": False},
    "plain": {"plans": False, "wire": False},
}

every_mode = pytest.mark.parametrize("mode", MODES)
"""Runs a test with all plans, without those that write from bytes, and with graphql-core alone."""


@pytest.fixture
def mode() -> str:
    """The mode of a test without `every_mode`: the default settings."""
    return ""


@pytest.fixture
async def gateway(scripts: Scripts, mode: str) -> AsyncIterator[Gateway]:
    async with open_gateway(scripts, **MODES.get(mode, {})) as gateway:
        gateway.planned = mode in ("wire", "plans")
        yield gateway


@asynccontextmanager
async def open_gateway(scripts: Scripts, **settings: Any) -> AsyncIterator[Gateway]:
    """A gateway with these settings; the default budget is long enough to never run out."""
    async with scripted_services(scripts) as addresses:
        own = settings_for(
            addresses,
            **{
                "budget_s": 60.0,
                "max_body_bytes": 20_000,
                "refusal_delay_s": 0.0,
                "max_running_per_caller": 100,
                **settings,
            },
        )
        async with TestClient(GatewayServer(own)) as client:
            yield Gateway(client, scripts)
