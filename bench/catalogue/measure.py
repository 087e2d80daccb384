"""Latency of the catalogue's searches on both engines, on the real trainings and on a million of them.

    python -m bench.catalogue [--data ../shared/data] [--engines tantivy,elasticsearch]
                              [--sizes 35000,200000,1000000] [--rounds 3] [--calls 100]

Larger sets are copies of the real one, moved by up to 20 km (bench/catalogue/replicate.py). Searches run one
after another, in the process of the store; each figure is the median of several rounds. "hand-written"
is the query that one would write for the same index with the bare client, whose answer is left as it is.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from elasticsearch import AsyncElasticsearch, OrjsonSerializer
from rich.console import Console
from rich.table import Table

from bench.catalogue.queries import KINDS, Ask, HandWritten, Searches
from bench.catalogue.replicate import replicated
from bench.support.engine import (
    ELASTICSEARCH,
    Served,
    engine_parser,
    private_elasticsearch,
    read_real_edition,
    served,
    silence_logs,
)
from services.catalogue.importing.destination import Edition

HAND_WRITTEN = "hand-written"
_HEAP = "1g"
_LONGEST_ROUND_S = 10.0
_FEWEST_CALLS = 20


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One engine, or the queries written by hand, at one size."""

    name: str
    size: int
    build_s: float
    megabytes: float
    timings: Mapping[str, Timing]


def main() -> None:
    parser = engine_parser("python -m bench.catalogue", __doc__)
    parser.add_argument("--sizes", default="35000,200000,1000000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=100, help="searches of each kind in a round")
    args = parser.parse_args()
    sizes = [int(size) for size in args.sizes.split(",")]
    silence_logs()
    bench = Bench(args.engines.split(","), args.rounds, args.calls)
    asyncio.run(bench.run(args.data, sizes))


class Bench:
    """Measures each engine at each size, and prints a table of each kind of search."""

    def __init__(self, engines: Sequence[str], rounds: int, calls: int) -> None:
        self._engines = engines
        self._rounds = rounds
        self._calls = calls
        self._measured: list[Measured] = []

    async def run(self, data: Path, sizes: Sequence[int]) -> None:
        real = read_real_edition(data)
        _tell(f"{len(real.formations)} real trainings")
        for size in sizes:
            edition = replicated(real, size)
            _tell(f"{size} trainings made")
            for engine in self._engines:
                await self._measure(engine, edition)
        console = Console(width=150)
        for table in tables(self._measured):
            console.print(table)

    async def _measure(self, engine: str, edition: Edition) -> None:
        node = private_elasticsearch(_HEAP) if engine == ELASTICSEARCH else nullcontext("")
        with node as url, tempfile.TemporaryDirectory(prefix="lba-bench-") as state:
            async with served(engine, edition, Path(state), url) as ready:
                _tell(f"{engine}: {len(edition.formations)} trainings in {ready.build_s:.1f} s")
                await self._measure_store(engine, edition, ready, url)
        gc.unfreeze()

    async def _measure_store(self, engine: str, edition: Edition, ready: Served, url: str) -> None:
        searches = Searches(await ready.live.current())
        # A service holds no copy of the trainings: their walk by the collector is not to be measured.
        gc.collect()
        gc.freeze()
        last_seen = await searches.walk()
        _tell(f"{engine}: walked to page 500")
        asked = {engine: searches.kinds(last_seen)}
        if engine != ELASTICSEARCH:
            await self._compare(asked, edition, ready, _folder_mb(Path(ready.index)))
            return
        async with AsyncElasticsearch(url, serializer=OrjsonSerializer(), request_timeout=60) as client:
            asked[HAND_WRITTEN] = HandWritten(client, ready.index, searches).kinds(last_seen)
            await self._compare(asked, edition, ready, await _index_mb(client, ready.index))

    async def _compare(
        self, asked: Mapping[str, Mapping[str, Ask]], edition: Edition, ready: Served, megabytes: float
    ) -> None:
        size = len(edition.formations)
        timings: dict[str, dict[str, Timing]] = {name: {} for name in asked}
        for kind in KINDS:
            for name, timing in (await self._alternate({name: asked[name][kind] for name in asked})).items():
                timings[name][kind] = timing
        for name, found in timings.items():
            self._measured.append(Measured(name, size, ready.build_s, megabytes, found))

    async def _alternate(self, asks: Mapping[str, Ask]) -> dict[str, Timing]:
        """Rounds in turns, so that what warms up, or disturbs, does so for all."""
        for ask in asks.values():
            await _round(ask, self._calls)
        rounds = [
            {name: await _round(ask, self._calls) for name, ask in asks.items()} for _ in range(self._rounds)
        ]
        return {name: _median([each[name] for each in rounds]) for name in asks}


def _median(rounds: Sequence[Timing]) -> Timing:
    return Timing(
        statistics.median(each.p50 for each in rounds), statistics.median(each.p99 for each in rounds)
    )


async def _round(ask: Ask, calls: int) -> Timing:
    """So many calls, fewer when they are slow."""
    latencies_ms: list[float] = []
    began = time.perf_counter()
    for number in range(calls):
        sent = time.perf_counter()
        await ask(number)
        latencies_ms.append((time.perf_counter() - sent) * 1000)
        if number >= _FEWEST_CALLS and time.perf_counter() - began > _LONGEST_ROUND_S:
            break
    cuts = statistics.quantiles(latencies_ms, n=100, method="inclusive")
    return Timing(cuts[49], cuts[98])


def tables(measured: Sequence[Measured]) -> list[Table]:
    """Latencies, then the ratios that matter."""
    latencies = Table(title="p50 / p99 ms")
    for column in ("engine", "trainings", "build s", "MB", *KINDS):
        latencies.add_column(column, justify="left" if column == "engine" else "right")
    for each in measured:
        cells = [f"{timing.p50:.1f} / {timing.p99:.1f}" for timing in each.timings.values()]
        latencies.add_row(each.name, f"{each.size:,}", f"{each.build_s:.1f}", f"{each.megabytes:.0f}", *cells)
    ratios = Table(title="ratios of p50 (p99)")
    for column in ("ratio", *KINDS):
        ratios.add_column(column, justify="left" if column == "ratio" else "right")
    for label, above, below in _ratios(measured):
        ratios.add_row(label, *(_ratio(above.timings[kind], below.timings[kind]) for kind in KINDS))
    return [latencies, ratios]


def _ratios(measured: Sequence[Measured]) -> list[tuple[str, Measured, Measured]]:
    by_name = {(each.name, each.size): each for each in measured}
    smallest = min(each.size for each in measured)
    larger = [
        (f"{each.name} {each.size:,} / {smallest:,}", each, by_name[each.name, smallest])
        for each in measured
        if each.size > smallest
    ]
    stores = [
        (f"{ELASTICSEARCH} / {HAND_WRITTEN}, {size:,}", by_name[ELASTICSEARCH, size], each)
        for (name, size), each in by_name.items()
        if name == HAND_WRITTEN
    ]
    return larger + stores


def _ratio(above: Timing, below: Timing) -> str:
    return f"{above.p50 / below.p50:.1f} ({above.p99 / below.p99:.1f})"


def _folder_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


async def _index_mb(client: AsyncElasticsearch, index: str) -> float:
    stats = await client.indices.stats(index=index, metric="store")
    return float(stats["_all"]["primaries"]["store"]["size_in_bytes"]) / 1e6


def _tell(line: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {line}", file=sys.stderr, flush=True)
