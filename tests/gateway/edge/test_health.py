from __future__ import annotations

from contextlib import AsyncExitStack

from aiohttp.test_utils import TestClient, TestServer

from gateway.app import create_app
from protos.services import SERVICES
from tests.gateway.conftest import Gateway
from tests.support.breakable import Breakable
from tests.support.gateway.scripted import Scripts, scripted_services, settings_for
from tests.support.mongo import free_port


async def test_ready_names_each_source_and_stays_ready_when_one_leaves(scripts: Scripts) -> None:
    async with scripted_services(scripts) as addresses, AsyncExitStack() as opened:
        jobs = Breakable(int(addresses["jobs"].rpartition(":")[2]))
        await jobs.open()
        opened.push_async_callback(jobs.close)
        app = create_app(settings_for({**addresses, "jobs": f"127.0.0.1:{jobs.port}"}))
        client = await opened.enter_async_context(TestClient(TestServer(app)))
        serving = dict.fromkeys((each.name for each in SERVICES), "SERVING")

        response = await client.get("/ready")
        assert (response.status, await response.json()) == (200, {"status": "ready", "sources": serving})

        await jobs.close()
        response = await client.get("/ready")
        assert response.status == 200
        assert await response.json() == {"status": "degraded", "sources": serving | {"jobs": "NOT_SERVING"}}
        assert (await client.get("/health")).status == 200


async def test_a_gateway_that_has_not_reached_each_source_once_is_not_ready(scripts: Scripts) -> None:
    async with scripted_services(scripts) as addresses:
        app = create_app(settings_for({**addresses, "rdv": f"127.0.0.1:{free_port()}"}))
        async with TestClient(TestServer(app)) as client:
            response = await client.get("/ready")
            body = await response.json()

    assert response.status == 503
    assert body["status"] == "starting"
    assert [name for name, state in body["sources"].items() if state == "NOT_SERVING"] == ["rdv"]


async def test_metrics_count_operations_and_calls(gateway: Gateway) -> None:
    await gateway.ask('{ metiers(texte: "b") { libelle } }')

    text = await (await gateway.client.get("/metrics")).text()

    assert 'lba_call_seconds_count{method="SuggestMetiers",service="catalogue"}' in text
    assert 'lba_operation_seconds_count{result="ok"}' in text
