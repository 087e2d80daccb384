"""Measures what clients get when more and more of them search for different things.

    python -m bench.overload [--data DIR] [--seconds 10] [--clients 5 20 50 100 300] [--workers 1]

Each client asks again as soon as it is answered; after a refusal it waits for `Retry-After`, as it should. An
answer is useful when it has every source and no error. The partner's quota is lifted, since it is not what is
measured. The load comes from the same machine, so compare only figures of one run.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from rich.console import Console
from rich.table import Table

from bench.support.probe import Plan, probing
from bench.support.searches import different_searches
from bench.support.system import started

_NO_QUOTA = {"JOBS_REQUESTS_PER_S": "1000", "SANDBOX_REQUESTS_PER_S": "2000", "JOBS_CACHE_ENTRIES": "1000"}


@dataclass
class Outcome:
    """What the clients of one round got."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    useful_ms: list[float] = field(default_factory=list)
    accepted_ms: list[float] = field(default_factory=list)
    health_ms: list[float] = field(default_factory=list)

    def row(self, clients: int) -> list[str]:
        useful, accepted = len(self.useful_ms), len(self.accepted_ms)
        return [
            str(clients),
            f"{useful / self.seconds:.1f}",
            f"{useful / accepted:.0%}" if accepted else "-",
            *(f"{_quantile(self.accepted_ms, share):.0f}" for share in (0.5, 0.99)),
            str(self.statuses[503]),
            str(sum(self.statuses.values()) - self.statuses[200] - self.statuses[503]),
            *(f"{_quantile(self.health_ms, share):.1f}" for share in (0.5, 0.99)),
        ]


_COLUMNS = (
    *("clients", "useful/s", "useful of accepted", "p50 ms", "p99 ms", "503", "other"),
    *("/health p50 ms", "p99 ms"),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.overload", description=__doc__)
    parser.add_argument("--data", default="", help="folder of real data; the demonstration set without")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a round")
    parser.add_argument("--clients", type=int, nargs="+", default=[5, 20, 50, 100, 300])
    parser.add_argument("--workers", default="1", help="processes of the gateway")
    args = parser.parse_args()
    with started(args.data, {**_NO_QUOTA, "GATEWAY_WORKERS": args.workers}) as system:
        asyncio.run(_measure(system.url, args.seconds, args.clients))


async def _measure(url: str, seconds: float, rounds: list[int]) -> None:
    table = Table(title=f"{len(different_searches())} different searches, {seconds:g} s each")
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        # Each search once, so that the first round does not pay for the caches of all.
        await _round(session, url, 4, 15.0)
        for clients in rounds:
            outcome = await _round(session, url, clients, seconds)
            table.add_row(*outcome.row(clients))
    Console().print(table)


async def _round(session: aiohttp.ClientSession, url: str, clients: int, seconds: float) -> Outcome:
    outcome = Outcome()
    bodies = itertools.cycle(different_searches())
    began = time.perf_counter()
    ends_at = began + seconds
    with probing(Plan(f"{url}/health")) as outcome.health_ms:
        await asyncio.gather(*(_client(session, url, bodies, ends_at, outcome) for _ in range(clients)))
        outcome.seconds = time.perf_counter() - began
    return outcome


async def _client(
    session: aiohttp.ClientSession,
    url: str,
    bodies: Iterator[dict[str, Any]],
    ends_at: float,
    outcome: Outcome,
) -> None:
    while time.perf_counter() < ends_at:
        sent = time.perf_counter()
        async with session.post(f"{url}/graphql", json=next(bodies)) as response:
            answer = orjson.loads(await response.read())
        elapsed_ms = (time.perf_counter() - sent) * 1000
        outcome.statuses[response.status] += 1
        if response.status == 200:
            outcome.accepted_ms.append(elapsed_ms)
            if "errors" not in answer:
                outcome.useful_ms.append(elapsed_ms)
        else:
            await asyncio.sleep(float(response.headers.get("Retry-After", 1)))


def _quantile(values: list[float], share: float) -> float:
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100)[round(share * 100) - 1]
