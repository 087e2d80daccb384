"""Measures the latency of the catalogue's searches on both engines, for up to a million trainings.

    python -m bench.catalogue [--data ../shared/data] [--engines tantivy,elasticsearch]
                              [--sizes 35000,200000,1000000] [--rounds 3] [--calls 100]

Larger sets contain copies of the real trainings, moved by up to 20 km (bench/catalogue/replicate.py).
Searches run one after another, in the process of the store. Each figure is the median of several rounds.
"hand-written" is a query written by hand for the same index with the bare client, which does not parse
the answer into objects.
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

from bench.catalogue.queries import KINDS, HandWritten, Search, Searches
from bench.catalogue.replicate import replicate
from bench.support.engine import (
    ELASTICSEARCH,
    Served,
    engine_parser,
    private_elasticsearch,
    read_real_edition,
    serve_edition,
    silence_logs,
)
from services.catalogue.importing.destination import Edition

HAND_WRITTEN = "hand-written"
_HEAP = "1g"
_MAX_ROUND_S = 10.0
_MIN_CALLS = 20


@dataclass(frozen=True, slots=True)
class Timing:
    """Latencies in milliseconds."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """The results of one engine, or of the hand-written queries, at one size."""

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
        self._measurements: list[Measurement] = []

    async def run(self, data: Path, sizes: Sequence[int]) -> None:
        real = read_real_edition(data)
        _print_progress(f"{len(real.formations)} real trainings")
        for size in sizes:
            edition = replicate(real, size)
            _print_progress(f"{size} trainings made")
            for engine in self._engines:
                await self._measure(engine, edition)
        console = Console(width=150)
        for table in tables(self._measurements):
            console.print(table)

    async def _measure(self, engine: str, edition: Edition) -> None:
        node = private_elasticsearch(_HEAP) if engine == ELASTICSEARCH else nullcontext("")
        with node as url, tempfile.TemporaryDirectory(prefix="lba-bench-") as state:
            async with serve_edition(engine, edition, Path(state), url) as served:
                _print_progress(f"{engine}: {len(edition.formations)} trainings in {served.build_s:.1f} s")
                await self._measure_store(engine, edition, served, url)
        gc.unfreeze()

    async def _measure_store(self, engine: str, edition: Edition, served: Served, url: str) -> None:
        searches = Searches(await served.live.current())
        # A service does not keep the trainings in memory, so the garbage collector must not scan them here.
        gc.collect()
        gc.freeze()
        last_seen = await searches.position_before_deep_page()
        _print_progress(f"{engine}: walked to page 500")
        systems = {engine: searches.kinds(last_seen)}
        if engine != ELASTICSEARCH:
            await self._compare(systems, edition, served, _folder_mb(Path(served.index)))
            return
        async with AsyncElasticsearch(url, serializer=OrjsonSerializer(), request_timeout=60) as client:
            systems[HAND_WRITTEN] = HandWritten(client, served.index, searches).kinds(last_seen)
            await self._compare(systems, edition, served, await _index_mb(client, served.index))

    async def _compare(
        self, systems: Mapping[str, Mapping[str, Search]], edition: Edition, served: Served, megabytes: float
    ) -> None:
        size = len(edition.formations)
        timings: dict[str, dict[str, Timing]] = {name: {} for name in systems}
        for kind in KINDS:
            searches = {name: systems[name][kind] for name in systems}
            for name, timing in (await self._alternate(searches)).items():
                timings[name][kind] = timing
        for name, found in timings.items():
            self._measurements.append(Measurement(name, size, served.build_s, megabytes, found))

    async def _alternate(self, searches: Mapping[str, Search]) -> dict[str, Timing]:
        """Run the rounds of all systems in turn, so that warm-up and disturbances affect all alike."""
        for search in searches.values():
            await _round(search, self._calls)
        rounds = [
            {name: await _round(search, self._calls) for name, search in searches.items()}
            for _ in range(self._rounds)
        ]
        return {name: _median([each[name] for each in rounds]) for name in searches}


def _median(rounds: Sequence[Timing]) -> Timing:
    return Timing(
        statistics.median(each.p50 for each in rounds), statistics.median(each.p99 for each in rounds)
    )


async def _round(search: Search, calls: int) -> Timing:
    """Time up to `calls` searches; fewer when they take more than 10 s together."""
    latencies_ms: list[float] = []
    began = time.perf_counter()
    for number in range(calls):
        sent = time.perf_counter()
        await search(number)
        latencies_ms.append((time.perf_counter() - sent) * 1000)
        if number >= _MIN_CALLS and time.perf_counter() - began > _MAX_ROUND_S:
            break
    cuts = statistics.quantiles(latencies_ms, n=100, method="inclusive")
    return Timing(cuts[49], cuts[98])


def tables(measurements: Sequence[Measurement]) -> list[Table]:
    """A table of latencies, and one of their ratios between sizes and between systems."""
    latencies = Table(title="p50 / p99 ms")
    for column in ("engine", "trainings", "build s", "MB", *KINDS):
        latencies.add_column(column, justify="left" if column == "engine" else "right")
    for each in measurements:
        cells = [f"{timing.p50:.1f} / {timing.p99:.1f}" for timing in each.timings.values()]
        latencies.add_row(each.name, f"{each.size:,}", f"{each.build_s:.1f}", f"{each.megabytes:.0f}", *cells)
    ratios = Table(title="ratios of p50 (p99)")
    for column in ("ratio", *KINDS):
        ratios.add_column(column, justify="left" if column == "ratio" else "right")
    for label, numerator, denominator in _ratios(measurements):
        ratios.add_row(label, *(_ratio(numerator.timings[kind], denominator.timings[kind]) for kind in KINDS))
    return [latencies, ratios]


def _ratios(measurements: Sequence[Measurement]) -> list[tuple[str, Measurement, Measurement]]:
    by_name = {(each.name, each.size): each for each in measurements}
    smallest = min(each.size for each in measurements)
    larger = [
        (f"{each.name} {each.size:,} / {smallest:,}", each, by_name[each.name, smallest])
        for each in measurements
        if each.size > smallest
    ]
    stores = [
        (f"{ELASTICSEARCH} / {HAND_WRITTEN}, {size:,}", by_name[ELASTICSEARCH, size], each)
        for (name, size), each in by_name.items()
        if name == HAND_WRITTEN
    ]
    return larger + stores


def _ratio(numerator: Timing, denominator: Timing) -> str:
    return f"{numerator.p50 / denominator.p50:.1f} ({numerator.p99 / denominator.p99:.1f})"


def _folder_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


async def _index_mb(client: AsyncElasticsearch, index: str) -> float:
    stats = await client.indices.stats(index=index, metric="store")
    return float(stats["_all"]["primaries"]["store"]["size_in_bytes"]) / 1e6


def _print_progress(line: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {line}", file=sys.stderr, flush=True)
