"""The endpoint on a schema of a test's own, without services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.edge.callers import Callers
from gateway.edge.fair_use import FairUse
from gateway.edge.gate import Gate, Places
from gateway.edge.view import Guard, View
from gateway.schema import Schema


@asynccontextmanager
async def endpoint(schema: Schema, *, budget_s: float = 1.0) -> AsyncIterator[TestClient[Any, Any]]:
    """A client of it."""
    context: Any = type("NoContext", (), {"close": lambda _: None})
    guard = Guard(
        Callers("", {}, ()),
        FairUse(0, 0),
        Gate(Places(1, 1), Places(1, 1), 1),
        budget_s=budget_s,
        body_limit_s=1,
    )
    view = View(schema, lambda *_: context(), guard=guard, ide_page="")
    app = web.Application()
    app.router.add_route("*", "/graphql", view)
    async with TestClient(TestServer(app)) as client:
        yield client
