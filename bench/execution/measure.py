"""Measures the cost of executing a query, compared with plain strawberry, in one process on one core.

    python -m bench.execution [--rounds 25] [--requests 40]

The comparison includes the garbage collector: the systems of this project run with the gateway's settings
(`services/common/collector.py`), strawberry with Python's defaults. The answers of the services are recorded
bytes. The time runs from the text of a request and these bytes to the bytes of the answer. The systems take
turns within each round, and the figures are medians over all rounds: compare them as ratios.

There are three queries: the typical query, which has only basic fields, and two on the gateway's own schema:
the query of the search page, and a query of a Relay client, which selects the cursor of each row.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
import strawberry
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.execution import search_page
from bench.typical import answers, floor, ours, plain
from deploy.local.banner import QUERY
from gateway.execution import wire
from gateway.execution.lazy import lazy_reader
from protos import catalogue_pb2, prediction_pb2
from services.common.collector import tune_collector

FORMATIONS = answers.formations().SerializeToString()
RECRUTEURS = answers.recruteurs().SerializeToString()

PYTHON_THRESHOLDS = gc.get_threshold()

Once = Callable[[], Awaitable[bytes]]


class Recorded:
    """Stands for the services: parses two recorded answers with the given functions."""

    def __init__(
        self,
        read_formations: Callable[[bytes], Any] = catalogue_pb2.SearchFormationsResponse.FromString,
        read_recruteurs: Callable[[bytes], Any] = prediction_pb2.SearchRecruteursResponse.FromString,
    ) -> None:
        self._read_formations = read_formations
        self._read_recruteurs = read_recruteurs

    async def formations(self) -> catalogue_pb2.SearchFormationsResponse:
        return cast("catalogue_pb2.SearchFormationsResponse", self._read_formations(FORMATIONS))

    async def recruteurs(self) -> prediction_pb2.SearchRecruteursResponse:
        return cast("prediction_pb2.SearchRecruteursResponse", self._read_recruteurs(RECRUTEURS))


@dataclass
class System:
    """A system that answers the query, with the measured times."""

    name: str
    once: Once
    tuned: bool = True
    """Whether the garbage collector has the gateway's settings; otherwise it has Python's defaults."""
    seconds: list[float] = field(default_factory=list)

    @property
    def median_ms(self) -> float:
        return statistics.median(self.seconds) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.execution", description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--requests", type=int, default=40, help="of each system in a round")
    args = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    asyncio.run(_measure_all(args.rounds, args.requests))


async def _measure_all(rounds: int, requests: int) -> None:
    console = Console()
    await measure("the typical query", typical_systems(), rounds, requests, console)
    await measure("the query of the search page", search_systems(QUERY), rounds, requests, console)
    await measure("a query of Relay's", search_systems(search_page.RELAY_QUERY), rounds, requests, console)


async def measure(title: str, systems: list[System], rounds: int, requests: int, console: Console) -> None:
    """Measure the systems, and print a table that compares each with the first one and the last one."""
    await check_equal(systems)
    for _ in track(range(rounds), title, console=console):
        for system in systems:
            _set_collector(tuned=system.tuned)
            for _ in range(requests):
                began = time.perf_counter()
                await system.once()
                system.seconds.append(time.perf_counter() - began)
    _report(title, systems, console)


def _set_collector(*, tuned: bool) -> None:
    gc.unfreeze()
    gc.set_threshold(*PYTHON_THRESHOLDS)
    if tuned:
        tune_collector()
    else:
        gc.collect()


def typical_systems() -> list[System]:
    """The systems for the typical query, from plain strawberry to the floor."""
    systems = [
        System("plain strawberry", _executed(plain.schema(caches=False), Recorded()), tuned=False),
        System("strawberry with its caches", _executed(plain.schema(caches=True), Recorded()), tuned=False),
        System("ours, without the wire lane", _executed(ours.schema(), Recorded())),
    ]
    formations = lazy_reader(catalogue_pb2.SearchFormationsResponse)
    recruteurs = lazy_reader(prediction_pb2.SearchRecruteursResponse)
    if formations and recruteurs:
        lazy = Recorded(formations, recruteurs)
        systems.append(System("ours, with the wire lane", _executed(ours.schema(), lazy)))
    return [*systems, System("floor: parse, read by hand, write", _floor)]


def search_systems(query: str) -> list[System]:
    """The systems for a query on the gateway's schema; the first is graphql-core alone."""
    systems = [
        System("without plans", search_page.answered(query, plans=False, lazy=False)),
        System("ours, without the wire lane", search_page.answered(query, plans=True, lazy=False)),
    ]
    if wire.load():
        systems.append(System("ours, with the wire lane", search_page.answered(query, plans=True, lazy=True)))
    return systems


def _executed(schema: strawberry.Schema, context: Recorded) -> Once:
    async def once() -> bytes:
        result = await schema.execute(ours.QUERY, context_value=context)
        if result.errors:
            raise RuntimeError(f"the query failed: {result.errors}")
        return orjson.dumps({"data": result.data})

    return once


async def _floor() -> bytes:
    return floor.answer(FORMATIONS, RECRUTEURS)


async def check_equal(systems: list[System]) -> None:
    """Raise RuntimeError unless every system returns the same bytes, before and after it caches the query."""
    expected = await systems[0].once()
    for system in systems:
        for _ in range(5):
            if await system.once() != expected:
                raise RuntimeError(f"{system.name} gives another answer")


def _report(title: str, systems: list[System], console: Console) -> None:
    table = Table(title=f"Executing {title}")
    for column in ("", "median ms", "p99 ms", "times faster than the first", "times the last"):
        table.add_column(column, justify="right" if column else "left")
    reference, lowest = systems[0].median_ms, systems[-1].median_ms
    for system in systems:
        p99 = statistics.quantiles(system.seconds, n=100)[98] * 1000
        table.add_row(
            system.name,
            f"{system.median_ms:.3f}",
            f"{p99:.3f}",
            f"{reference / system.median_ms:.1f}",
            f"{system.median_ms / lowest:.2f}",
        )
    console.print(table)
