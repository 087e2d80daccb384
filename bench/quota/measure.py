"""Measures how long one caller waits for an offer, alone and beside a caller that asks too much.

    python -m bench.quota [--calls 30] [--requests-per-s 10]

The jobs service and the sandbox run in this process, with the demonstration set. The honest caller asks for
offers that are in no cache, two a second. It starts two seconds after the other, when the quota is used up.

Then 64 callers put 200 searches that are in no cache, again until each has its answer or 12 seconds are over.
The partner takes 200 ms for an answer, or 800. The table says how many of its answers served.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

import grpc
from rich.console import Console
from rich.table import Table

from bench.support.engine import silence_logs
from bench.support.jobs import Ask, Service, running_jobs, timed, under_attack
from deploy.sandbox.faults import Faults

_EVERY_S = 0.5
_HEAD_START_S = 2.0
_SEARCHES, _CALLERS, _COLD_S, _RETRY_S = 200, 64, 12.0, 0.3


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.quota",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--calls", type=int, default=30, help="calls of the honest caller in each case")
    parser.add_argument("--requests-per-s", type=int, default=10, help="quota of the partner")
    args = parser.parse_args()
    silence_logs()
    asyncio.run(_measure(args.calls, args.requests_per_s))


async def _measure(calls: int, requests_per_s: int) -> None:
    table = Table("case", "p50 ms", "worst ms", "refused", "partner's requests/s")
    for case in ("alone", "30 random ids a second", "15 odd searches a second"):
        # A new service for each case: nothing is in a cache.
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            async with running_jobs(Path(folder), requests_per_s) as service:
                table.add_row(case, *await _case(service, case, calls))
    Console().print(table)
    Console().print(await _cold_searches(requests_per_s))


async def _case(service: Service, case: str, calls: int) -> Sequence[str]:
    rng = random.Random(case)
    async with AsyncExitStack() as stack:
        attack = _attack(service, case, rng)
        if attack is not None:
            await stack.enter_async_context(under_attack(*attack))
        await asyncio.sleep(_HEAD_START_S)
        loop = asyncio.get_running_loop()
        before, began_at = service.sandbox.requests, loop.time()
        took = await timed(service.known_offre("honest", rng), calls, _EVERY_S)
        rate = (service.sandbox.requests - before) / (loop.time() - began_at)
    refused = sum(each == float("inf") for each in took)
    return f"{median(took):.0f}", f"{max(took):.0f}", str(refused), f"{rate:.1f}"


def _attack(service: Service, case: str, rng: random.Random) -> tuple[Ask, float] | None:
    if case.startswith("30"):
        return service.random_id("attacker", rng), 30
    return (service.odd_search("attacker", rng), 15) if case.startswith("15") else None


async def _cold_searches(requests_per_s: int) -> Table:
    table = Table("partner's latency ms", "requests", "searches answered", "of them partial")
    for latency_ms in (200, 800):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            async with running_jobs(Path(folder), requests_per_s) as service:
                service.sandbox.faults.set(Faults(latency_ms=latency_ms))
                answered, partial = await _answered(service)
                table.add_row(*map(str, (latency_ms, service.sandbox.requests, answered, partial)))
    return table


async def _answered(service: Service) -> tuple[int, int]:
    rng = random.Random(1)
    searches = [service.odd_search(f"caller {number % _CALLERS}", rng) for number in range(_SEARCHES)]
    ends_at = asyncio.get_running_loop().time() + _COLD_S
    partial: list[bool] = []

    async def work() -> None:
        while searches and asyncio.get_running_loop().time() < ends_at:
            search = searches.pop()
            try:
                partial.append(bool((await search()).partial))
            except grpc.aio.AioRpcError:
                searches.insert(0, search)
                await asyncio.sleep(_RETRY_S)

    await asyncio.gather(*(work() for _ in range(_CALLERS)))
    return len(partial), sum(partial)
