"""Runs the jobs service in front of the sandbox during a measurement, and lets callers with names ask it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase

import grpc
from pydantic import HttpUrl, SecretStr

from bench.support.engine import progress_console
from deploy.local.demonstration.writing import write_demonstration
from deploy.sandbox.load import load as load_offres
from deploy.sandbox.offres import FORMAT, read_offres, read_state
from deploy.sandbox.server import API_PATH, TOKEN_PATH, Sandbox, running_sandbox
from deploy.sandbox.settings import Settings as SandboxSettings
from protos import geo_pb2, jobs_pb2, jobs_pb2_grpc
from services.common.caller import CALLER_KEY
from services.common.channel import open_channel
from services.common.generation import read_generation
from services.common.server import running_server
from services.jobs.servicer import SERVICE_NAME, JobsServicer
from services.jobs.settings import Settings
from services.jobs.store import open_store

Ask = Callable[[], Awaitable[object]]
"""Sends one request and waits for its answer."""

_CLIENT = "bench"
_RADII_KM = range(5, 100)


@dataclass(frozen=True)
class Service:
    """A client of the service, and what can be asked of it."""

    stub: jobs_pb2_grpc.JobsAsyncStub
    sandbox: Sandbox
    offre_ids: Sequence[str]

    def known_offre(self, caller: str, rng: random.Random) -> Ask:
        """Asks for an offer that exists, another each time."""
        ids = iter(rng.sample(self.offre_ids, len(self.offre_ids)))
        return lambda: self._get(next(ids), caller)

    def random_id(self, caller: str, rng: random.Random) -> Ask:
        """Asks for an id that has the form of an offer's; hardly any has an offer."""

        def ask() -> Awaitable[object]:
            letters = "".join(rng.choices(ascii_uppercase, k=4))
            return self._get(f"{rng.randrange(1000):03}{letters}", caller)

        return ask

    def odd_search(
        self, caller: str, rng: random.Random
    ) -> Callable[[], Awaitable[jobs_pb2.SearchOffresResponse]]:
        """Searches a random job around a random point in France, another at each call."""

        async def ask() -> jobs_pb2.SearchOffresResponse:
            origin = geo_pb2.Point(latitude=rng.uniform(43.5, 49.5), longitude=rng.uniform(0, 6))
            zone = geo_pb2.Zone(origin=origin, rayon_km=rng.choice(_RADII_KM))
            request = jobs_pb2.SearchOffresRequest(
                romes=[f"D{rng.randrange(1101, 1110)}"], zone=zone, first=10
            )
            return await self.stub.SearchOffres(request, metadata=((CALLER_KEY, caller),), timeout=3)

        return ask

    async def _get(self, offre_id: str, caller: str) -> object:
        request = jobs_pb2.GetOffreRequest(id=offre_id)
        return await self.stub.GetOffre(request, metadata=((CALLER_KEY, caller),), timeout=3)


@asynccontextmanager
async def running_jobs(folder: Path, requests_per_s: int = 10) -> AsyncIterator[Service]:
    """The service and the sandbox with the demonstration set, written into `folder`, both at that pace."""
    data, state = folder / "data", folder / "sandbox"
    data.mkdir()
    write_demonstration(data)
    load_offres(data, state, progress_console())
    offres = read_state(state)
    offre_ids = [each.id for each in read_generation(state, FORMAT, read_offres)]
    sandbox_settings = SandboxSettings(
        port=0,
        state=state,
        client_id=_CLIENT,
        client_secret=SecretStr(_CLIENT),
        requests_per_s=requests_per_s,
    )
    sandbox = Sandbox(offres, sandbox_settings)
    async with running_sandbox(sandbox) as port:
        settings = _settings(f"http://127.0.0.1:{port}", state, requests_per_s)
        async with open_store(settings, offres.communes) as store:
            servicer = JobsServicer(store, offres.communes, settings)
            async with (
                running_server(
                    SERVICE_NAME,
                    lambda server: jobs_pb2_grpc.add_JobsServicer_to_server(servicer, server),
                    store.ping,
                ) as service_port,
                open_channel(
                    f"127.0.0.1:{service_port}", jobs_pb2.DESCRIPTOR.services_by_name["Jobs"]
                ) as channel,
            ):
                yield Service(jobs_pb2_grpc.JobsStub(channel), sandbox, offre_ids)


def _settings(url: str, state: Path, requests_per_s: int) -> Settings:
    return Settings(
        port=0,
        state=state,
        partner_url=HttpUrl(url + API_PATH),
        token_url=HttpUrl(f"{url}{TOKEN_PATH}?realm=%2Fpartenaire"),
        client_id=_CLIENT,
        client_secret=SecretStr(_CLIENT),
        requests_per_s=requests_per_s,
    )


async def timed(ask: Ask, calls: int, every_s: float) -> list[float]:
    """The milliseconds that each of the calls takes, one after another; infinite for a refusal."""
    took = []
    for _ in range(calls):
        began = time.perf_counter()
        try:
            await ask()
            took.append((time.perf_counter() - began) * 1000)
        except grpc.aio.AioRpcError:
            took.append(float("inf"))
        await asyncio.sleep(every_s)
    return took


@asynccontextmanager
async def under_attack(ask: Ask, per_second: float) -> AsyncIterator[None]:
    """Somebody asks that often during the block, without waiting for the answers."""

    async def attempt() -> None:
        with contextlib.suppress(grpc.aio.AioRpcError):
            await ask()

    async def attack() -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(attempt())
                await asyncio.sleep(1 / per_second)

    attacker = asyncio.create_task(attack())
    try:
        yield
    finally:
        attacker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await attacker
