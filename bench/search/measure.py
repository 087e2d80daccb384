"""Measures the requests per second and the latency of the main query, and the time in each service.

    python -m bench.search [--data DIR] [--url http://127.0.0.1:8000] [--seconds 5] [--rounds 3]

Without --url, it starts the whole system in a temporary folder, and stops it at the end. Each figure is the
median of several rounds. The load comes from the same machine, so compare only figures of one run.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import sys
import time
from dataclasses import dataclass

import aiohttp
from rich.console import Console
from rich.table import Table

from bench.support.system import System, started
from deploy.local.banner import QUERY

CONCURRENCIES = (1, 16, 64)
_CALL = re.compile(r'lba_call_seconds_(sum|count)\{method="(\w+)",service="(\w+)"\} ([0-9.e+-]+)')


@dataclass(frozen=True)
class Round:
    """The figures of one round at one concurrency."""

    requests_per_s: float
    p50_ms: float
    p99_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--data", default="", help="folder of real data; the demonstration set without")
    parser.add_argument("--url", help="a gateway that runs already, without a limit of points")
    parser.add_argument("--metrics", default="http://127.0.0.1:51050", help="its internal port, with --url")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of a round")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if args.url:
        asyncio.run(measure(System(args.url, args.metrics), args.seconds, args.rounds))
        return
    # Every request is answered, so that the figures are those of the work alone.
    with started(args.data, {"GATEWAY_MAX_WAITING": "256", "GATEWAY_MAX_WAIT_S": "30"}) as system:
        asyncio.run(measure(system, args.seconds, args.rounds))


async def measure(system: System, seconds: float, rounds: int) -> None:
    """Measure each concurrency, and print the tables."""
    console = Console()
    connector = aiohttp.TCPConnector(limit=max(CONCURRENCIES))
    async with aiohttp.ClientSession(connector=connector) as session:
        first = await _ask(session, system.url)
        console.print(f"one answer: {len(first) / 1000:.1f} kB")
        await _round(session, system.url, 4, 1.0)
        latencies = Table(title="the main query")
        for column in ("concurrency", "requests/s", "p50 ms", "p99 ms"):
            latencies.add_column(column, justify="right")
        services = Table(title="mean time of a call, as the gateway waits for it (ms)")
        services.add_column("call")
        columns: list[dict[str, float]] = []
        for concurrency in CONCURRENCIES:
            before = await _calls(session, system)
            done = [await _round(session, system.url, concurrency, seconds) for _ in range(rounds)]
            columns.append(_means(before, await _calls(session, system)))
            services.add_column(f"at {concurrency}", justify="right")
            latencies.add_row(
                str(concurrency),
                *(
                    f"{statistics.median(getattr(each, name) for each in done):.1f}"
                    for name in ("requests_per_s", "p50_ms", "p99_ms")
                ),
            )
        for call in columns[0]:
            services.add_row(call, *(f"{column.get(call, 0):.2f}" for column in columns))
    console.print(latencies)
    console.print(services)


async def _round(session: aiohttp.ClientSession, url: str, concurrency: int, seconds: float) -> Round:
    latencies_ms: list[float] = []
    began = time.perf_counter()

    async def client() -> None:
        while time.perf_counter() - began < seconds:
            sent = time.perf_counter()
            await _ask(session, url)
            latencies_ms.append((time.perf_counter() - sent) * 1000)

    await asyncio.gather(*(client() for _ in range(concurrency)))
    elapsed_s = time.perf_counter() - began
    cuts = statistics.quantiles(latencies_ms, n=100)
    return Round(len(latencies_ms) / elapsed_s, cuts[49], cuts[98])


async def _ask(session: aiohttp.ClientSession, url: str) -> bytes:
    async with session.post(f"{url}/graphql", json={"query": QUERY}) as answer:
        body = await answer.read()
        if answer.status != 200 or b'"errors"' in body:
            sys.exit(f"the query failed: {answer.status} {body[:500]!r}")
        return body


async def _calls(session: aiohttp.ClientSession, system: System) -> dict[str, tuple[float, float]]:
    """The total seconds and the number of calls so far, by `service.Method`."""
    async with session.get(f"{system.metrics_url}/metrics") as answer:
        found = _CALL.findall(await answer.text())
    values = {(kind, f"{service}.{method}"): float(value) for kind, method, service, value in found}
    return {call: (values["sum", call], values["count", call]) for kind, call in values if kind == "sum"}


def _means(before: dict[str, tuple[float, float]], after: dict[str, tuple[float, float]]) -> dict[str, float]:
    means = {}
    for call, (total_s, count) in after.items():
        earlier_s, earlier = before.get(call, (0.0, 0.0))
        if count > earlier:
            means[call] = (total_s - earlier_s) / (count - earlier) * 1000
    return dict(sorted(means.items()))
