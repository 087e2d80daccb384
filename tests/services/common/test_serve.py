from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import orjson
import pytest

from services.common.server import CannotListen
from tests.support.common.scripted import QUESTION, READ, ScriptedRdv, client_of, serving
from tests.support.mongo import free_port
from tests.support.repository import REPOSITORY

pytestmark = pytest.mark.server


@asynccontextmanager
async def process(**variables: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A service in its own process."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.common.scripted_process"),
        cwd=REPOSITORY,
        env=os.environ | {f"ESSAI_{name}": value for name, value in variables.items()},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_process_serves_counts_and_stops_when_told(number: signal.Signals) -> None:
    port, metrics_port = free_port(), free_port()
    async with process(PORT=str(port), METRICS_PORT=str(metrics_port)) as service:
        assert service.stderr is not None
        serving_line = orjson.loads(await asyncio.wait_for(service.stderr.readline(), 30))
        async with client_of(f"127.0.0.1:{port}") as rdv:
            await rdv.ListCreneaux(QUESTION)
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{metrics_port}/metrics") as response,
        ):
            metrics = await response.text()
        service.send_signal(number)
        _, rest = await asyncio.wait_for(service.communicate(), 30)

    assert (serving_line["event"], serving_line["port"]) == ("serving", port)
    assert f'lba_rpc_total{{method="{READ}",status="OK"}} 1.0' in metrics
    assert [orjson.loads(line)["event"] for line in rest.splitlines()] == ["rpc", "stopping"]
    assert service.returncode == 0


async def test_process_without_its_settings_ends_naming_them() -> None:
    async with process(LOG_LEVEL="loud") as service:
        _, said = await asyncio.wait_for(service.communicate(), 30)

    assert service.returncode == 1
    assert b"ESSAI_PORT: field required" in said
    assert b"ESSAI_LOG_LEVEL: " in said


async def test_taken_port_is_refused() -> None:
    async with serving(ScriptedRdv()) as address:
        with pytest.raises(CannotListen, match=f"can't listen on {address}: the port is taken"):
            async with serving(ScriptedRdv(), address=address):
                pass


@pytest.mark.parametrize("variable", ["PORT", "METRICS_PORT"])
async def test_process_whose_port_is_taken_says_which_variable_and_ends(variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = str(listener.getsockname()[1])
        async with process(**{"PORT": "0", variable: taken}) as service:
            _, said = await asyncio.wait_for(service.communicate(), 30)

    assert service.returncode == 1
    # gRPC itself writes a line before ours.
    line = said.decode().splitlines()[-1]
    assert "Traceback" not in said.decode()
    assert line.startswith(f"ESSAI_{variable}: can't listen on 127.0.0.1:{taken}: ")
