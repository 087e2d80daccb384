"""The whole system as a user starts it, and a second gateway whose way to each service can be broken."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from deploy.local.engines.elasticsearch.files import user_cache
from protos.services import SERVICES
from tests.support.api import PARIS_30_KM, SEARCH, Api, states
from tests.support.breakable import Breakable
from tests.support.mongo import free_port
from tests.support.repository import REPOSITORY
from tests.support.suites import START_LIMIT_S

_LAST_LINES = 30

GENEROUS = {
    "GATEWAY_CALLER_POINTS": "0",
    "GATEWAY_MAX_RUNNING_PER_CALLER": "100",
    "GATEWAY_MAX_WAITING_PER_CALLER": "1000",
    "GATEWAY_MAX_WAITING": "1000",
    "GATEWAY_MAX_WAIT_S": "60",
} | dict.fromkeys(
    (
        "RDV_CALLER_PER_HOUR",
        "RDV_CALLER_PER_DAY",
        "RDV_CALLER_PER_CENTRE",
        "RDV_CENTRE_AT_LEAST",
        "MATCHA_CALLER_PER_DAY",
        "MATCHA_CALLER_PER_ENTREPRISE",
    ),
    "1000000",
)
"""Limits that one client, who makes all the requests of a run, does not reach."""


class System:
    """One run of `python -m deploy.local`."""

    def __init__(self, state: Path, data: str = "", engine: str = "") -> None:
        self.state = state
        self.failed = False
        self.port = free_port()
        self._options = ["--port", str(self.port), "--state", str(state)]
        if data:
            self._options += ["--data", data]
        if engine:
            self._options += ["--engine", engine, "--engines", str(user_cache())]

    @property
    def ports(self) -> dict[str, int]:
        """By process."""
        ports: dict[str, int] = orjson.loads((self.state / "addresses.json").read_bytes())
        return ports

    def start(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        self._log = (self.state / "terminal.log").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", *self._options],
            cwd=REPOSITORY,
            env=os.environ | GENEROUS,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(30)
        self._log.close()
        return code

    def is_ready(self) -> bool:
        if self._process.poll() is not None:
            raise NotStarted(f"it ended with code {self._process.returncode}", self.state / "terminal.log")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


class NotStarted(Exception):
    """A process did not come up; its last lines say why."""

    def __init__(self, what: str, log: Path) -> None:
        lines = log.read_text().splitlines() if log.exists() else []
        super().__init__("\n".join([f"{what}; the end of {log}:", *lines[-_LAST_LINES:]]))


async def until_ready(system: System) -> None:
    """Wait for a system. If it fails to start, the first test fails with the reason and the others skip."""
    if system.failed:
        pytest.skip("the system did not start, as said above")
    try:
        async with asyncio.timeout(START_LIMIT_S):
            while not await asyncio.to_thread(system.is_ready):
                await asyncio.sleep(0.1)
    except TimeoutError:
        system.failed = True
        raise NotStarted(f"not ready after {START_LIMIT_S:.0f} s", system.state / "terminal.log") from None
    except NotStarted:
        system.failed = True
        raise


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The demonstration set, served until the end of the tests."""
    system = System(tmp_path_factory.mktemp("system") / "state")
    system.start()
    yield system
    system.stop()


@pytest.fixture
async def system(started: System) -> System:
    await until_ready(started)
    return started


@pytest.fixture
async def api(system: System) -> AsyncIterator[Api]:
    """The gateway of the system."""
    async with aiohttp.ClientSession() as session:
        yield Api(session, f"http://127.0.0.1:{system.port}")


Ways = dict[str, Breakable]
"""By the name of the service."""


@pytest.fixture(scope="session")
async def breakable(
    started: System, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Api, Ways]]:
    """A second gateway, with a budget of one second, and its ways to the services."""
    await until_ready(started)
    async with AsyncExitStack() as opened:
        ways = {each.name: Breakable(started.ports[each.name]) for each in SERVICES}
        for way in ways.values():
            await way.open()
            opened.push_async_callback(way.close)
        ports = {name: way.port for name, way in ways.items()}
        folder = tmp_path_factory.mktemp("breakable")
        yield await opened.enter_async_context(_own_gateway(ports, folder, budget_s=1)), ways


@pytest.fixture
def broken_api(breakable: tuple[Api, Ways]) -> Api:
    """The gateway that goes by `ways`."""
    return breakable[0]


@pytest.fixture
async def ways(breakable: tuple[Api, Ways]) -> AsyncIterator[Ways]:
    """The ways of `broken_api`, which a test breaks and which are whole again after it."""
    api, ways = breakable
    yield ways
    for way in ways.values():
        await way.mend()
    async with asyncio.timeout(60):
        while not _is_whole(await api.post(SEARCH, romes=["D1102"], lieu=PARIS_30_KM)):
            await asyncio.sleep(0.1)


def _is_whole(answer: dict[str, Any]) -> bool:
    return "errors" not in answer and set(states(answer).values()) == {"OK"}


@pytest.fixture
async def own_api(system: System, tmp_path: Path) -> AsyncIterator[Api]:
    """A gateway of this test alone, so that its metrics are of nothing else."""
    async with _own_gateway({each.name: system.ports[each.name] for each in SERVICES}, tmp_path) as api:
        yield api


@asynccontextmanager
async def _own_gateway(ports: dict[str, int], folder: Path, budget_s: int = 10) -> AsyncIterator[Api]:
    port, internal = free_port(), free_port()
    own = {f"GATEWAY_{name.upper()}_ADDRESS": f"127.0.0.1:{each}" for name, each in ports.items()}
    own |= {
        "GATEWAY_PORT": str(port),
        "GATEWAY_METRICS_PORT": str(internal),
        "GATEWAY_BUDGET_S": str(budget_s),
    }
    with (folder / "gateway.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway"], cwd=REPOSITORY, env=os.environ | own, stderr=log
        )
    async with aiohttp.ClientSession() as session:
        api = Api(session, f"http://127.0.0.1:{port}", internal=f"http://127.0.0.1:{internal}")
        try:
            try:
                await api.until_ready(lambda: process.poll() is None)
            except TimeoutError:
                raise NotStarted("the gateway is not ready", folder / "gateway.log") from None
            yield api
        finally:
            process.terminate()
            process.wait(30)
