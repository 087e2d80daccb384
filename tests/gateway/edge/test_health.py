from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import create_app, create_internal_app
from protos.services import SERVICES
from tests.gateway.conftest import Gateway
from tests.support.breakable import Breakable
from tests.support.gateway.scripted import Scripts, scripted_services, settings_for
from tests.support.mongo import free_port

Client = TestClient[web.Request, web.Application]


async def _open(opened: AsyncExitStack, addresses: dict[str, str]) -> tuple[Client, Client]:
    """Clients of the public and of the internal port of a gateway."""
    app = create_app(settings_for(addresses))
    public = await opened.enter_async_context(TestClient(TestServer(app)))
    internal = await opened.enter_async_context(TestClient(TestServer(create_internal_app(app))))
    return public, internal


async def test_ready_names_each_source_on_the_internal_port_and_stays_ready_when_one_leaves(
    scripts: Scripts,
) -> None:
    async with scripted_services(scripts) as addresses, AsyncExitStack() as opened:
        jobs = Breakable(int(addresses["jobs"].rpartition(":")[2]))
        await jobs.open()
        opened.push_async_callback(jobs.close)
        public, internal = await _open(opened, {**addresses, "jobs": f"127.0.0.1:{jobs.port}"})
        serving = dict.fromkeys((each.name for each in SERVICES), "SERVING")

        response = await internal.get("/ready")
        assert (response.status, await response.json()) == (200, {"status": "ready", "sources": serving})
        response = await public.get("/ready")
        assert (response.status, await response.json()) == (200, {"status": "ready"})

        await jobs.close()
        response = await internal.get("/ready")
        assert response.status == 200
        assert await response.json() == {"status": "degraded", "sources": serving | {"jobs": "NOT_SERVING"}}
        assert await (await public.get("/ready")).json() == {"status": "degraded"}
        assert (await public.get("/health")).status == 200


async def test_a_gateway_that_has_not_reached_each_source_once_is_not_ready(scripts: Scripts) -> None:
    async with scripted_services(scripts) as addresses, AsyncExitStack() as opened:
        public, internal = await _open(opened, {**addresses, "rdv": f"127.0.0.1:{free_port()}"})

        missing: list[str] = []
        async with asyncio.timeout(30):
            # A service on a busy machine may answer too late the first times.
            while missing != ["rdv"]:
                responses = [await client.get("/ready") for client in (public, internal)]
                body = await responses[1].json()
                assert [response.status for response in responses] == [503, 503]
                assert body["status"] == "starting"
                missing = [name for name, state in body["sources"].items() if state == "NOT_SERVING"]


async def test_metrics_count_operations_and_calls_on_the_internal_port_alone(gateway: Gateway) -> None:
    await gateway.ask('{ metiers(texte: "b") { libelle } }')

    assert gateway.client.app is not None
    async with TestClient(TestServer(create_internal_app(gateway.client.app))) as internal:
        text = await (await internal.get("/metrics")).text()

    assert 'lba_call_seconds_count{method="SuggestMetiers",service="catalogue"}' in text
    assert 'lba_operation_seconds_count{result="ok"}' in text
    assert (await gateway.client.get("/metrics")).status == 404
