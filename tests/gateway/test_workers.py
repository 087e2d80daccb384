"""Several gateway processes on one port."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from protos.services import SERVICES
from tests.support.gateway.scripted import Scripts, scripted_services
from tests.support.mongo import free_port
from tests.support.waiting import wait_for_text, wait_until

pytestmark = pytest.mark.server

QUERY = {"query": "{ __typename }"}
SERVING = '"serving"'


class GatewayProcess:
    """A running `python -m gateway`, and its log."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self.log = log

    async def wait_for_log(self, text: str, times: int = 1) -> None:
        """Wait until the log has the text this many times."""
        await asyncio.to_thread(wait_for_text, self.log, text, times)

    def workers(self) -> set[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(child) for child in children.read_text(encoding="ascii").split()}


@pytest.fixture
async def gateway(port: int, metrics_port: int, tmp_path: Path) -> AsyncIterator[GatewayProcess]:
    """A gateway of two workers, in front of scripted services."""
    async with (
        scripted_services(Scripts()) as addresses,
        start_gateway(port, metrics_port, addresses, tmp_path / "log") as gateway,
    ):
        yield gateway


@asynccontextmanager
async def start_gateway(
    port: int, metrics_port: int, addresses: Mapping[str, str], log: Path
) -> AsyncIterator[GatewayProcess]:
    own = {f"GATEWAY_{name.upper()}_ADDRESS": address for name, address in addresses.items()}
    own |= {"GATEWAY_PORT": str(port), "GATEWAY_METRICS_PORT": str(metrics_port)}
    own |= {"GATEWAY_WORKERS": "2", "PYTHONPATH": str(Path.cwd())}
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", env=os.environ | own, stdout=output, stderr=output
        )
        try:
            yield GatewayProcess(process, log)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def metrics_port() -> int:
    return free_port()


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def _post(port: int) -> int:
    """The status of a request on a new connection, which any worker may accept."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{port}/graphql", json=QUERY) as response,
    ):
        return response.status


async def _operations(port: int) -> float:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/metrics") as response,
    ):
        lines = (await response.text()).splitlines()
    counts = [line for line in lines if line.startswith("lba_operation_seconds_count")]
    return sum(float(line.rpartition(" ")[2]) for line in counts)


async def test_a_worker_that_dies_is_replaced_and_all_stop_together(
    gateway: GatewayProcess, port: int
) -> None:
    await gateway.wait_for_log(SERVING, times=2)
    first = gateway.workers()
    os.kill(min(first), signal.SIGKILL)
    await gateway.wait_for_log(SERVING, times=3)
    last = gateway.workers()

    assert len(last) == 2
    assert await _post(port) == 200
    gateway.process.terminate()
    assert await gateway.process.wait() == 0
    assert not any(_alive(pid) for pid in last | first)


async def test_metrics_are_the_sum_of_all_workers(
    gateway: GatewayProcess, port: int, metrics_port: int
) -> None:
    await gateway.wait_for_log(SERVING, times=2)

    assert {await _post(port) for _ in range(20)} == {200}
    assert await _operations(metrics_port) == 20


async def test_workers_end_with_the_process_that_started_them(gateway: GatewayProcess) -> None:
    await gateway.wait_for_log(SERVING, times=2)
    workers = gateway.workers()
    gateway.process.kill()
    await gateway.process.wait()

    await asyncio.to_thread(wait_until, lambda: not any(_alive(pid) for pid in workers))


async def test_a_port_in_use_is_reported(port: int, metrics_port: int, tmp_path: Path) -> None:
    nobody = {each.name: "127.0.0.1:1" for each in SERVICES}
    with socket.create_server(("127.0.0.1", port)):
        async with start_gateway(port, metrics_port, nobody, tmp_path / "log") as gateway:
            assert await gateway.process.wait() == 1
            await gateway.wait_for_log(f"can't listen on 127.0.0.1:{port}")


async def test_workers_that_cannot_start_are_not_started_again_for_ever(gateway: GatewayProcess) -> None:
    await asyncio.to_thread(wait_until, lambda: bool(gateway.workers()))
    for worker in gateway.workers():
        os.kill(worker, signal.SIGKILL)

    assert await gateway.process.wait() == 1
    await gateway.wait_for_log("a worker ended before it served")
