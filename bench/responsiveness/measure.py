"""Measures for how long the catalogue's event loop is held, on the embedded engine.

    python -m bench.responsiveness [--data ../shared/data] [--swaps 5]

First the loop opens generations again and again, while one task sleeps for 1 ms and notes how late it wakes,
and another searches trainings. Then each of the worst texts (worst_texts.py) is asked, and the CPU time of
the thread is noted, since the event loop waits for all of it. The first call with a text may fill caches.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.responsiveness.worst_texts import WORST_TEXTS
from bench.support.engine import TODAY, progress_console, read_real_edition, silence_logs
from protos import catalogue_pb2, geo_pb2
from services.catalogue.engine.tantivy.destination import FolderDestination
from services.catalogue.engine.tantivy.source import FolderSource
from services.catalogue.engine.tantivy.store import TantivyFormationStore
from services.catalogue.live import Catalogue, LiveCatalogue
from services.catalogue.servicer import CatalogueServicer
from services.catalogue.text.query import expand

_TICK_S = 0.001
_LATE_MS = 10.0
_MAX_SUGGESTION_CHARS = 100
_SEARCH = catalogue_pb2.SearchFormationsRequest(
    romes=["D1102"],
    zone=geo_pb2.Zone(origin=geo_pb2.Point(latitude=48.8566, longitude=2.3522), rayon_km=30),
    first=20,
)


class _NewNames(FolderSource):
    """A folder whose one generation gets a new name on demand, as after an import."""

    def __init__(self, state: Path) -> None:
        super().__init__(state, TantivyFormationStore.open)
        self.opened = asyncio.Event()
        self.opening_ms = 0.0
        self._times = 0

    def rename(self) -> None:
        self._times += 1
        self.opened.clear()

    async def current_name(self) -> str | None:
        name = await super().current_name()
        return name and name + "/." * self._times

    async def open(self, name: str) -> Catalogue:
        began = time.perf_counter()
        catalogue = await super().open(name)
        self.opening_ms = (time.perf_counter() - began) * 1000
        self.opened.set()
        return catalogue


async def measure(state: Path, swaps: int) -> list[Table]:
    source = _NewNames(state)
    live = LiveCatalogue(source)
    catalogue = await live.current()
    return [await _swaps(source, live, swaps), _texts(catalogue)]


async def _swaps(source: _NewNames, live: LiveCatalogue, swaps: int) -> Table:
    table = Table(title="while a generation is opened, ms")
    late = f"times over {_LATE_MS:.0f}"
    for column in ("opening", "loop held p99", "max", late, "searches", "search p50", "max"):
        table.add_column(column, justify="right")
    servicer = CatalogueServicer(live, lambda: TODAY)
    for _ in range(swaps):
        held, searches = await _one_swap(source, servicer)
        counts = sum(each > _LATE_MS for each in held), len(searches)
        table.add_row(
            *(f"{each:.0f}" for each in (source.opening_ms, _p99(held), max(held), *counts)),
            *(f"{each:.1f}" for each in (statistics.median(searches), max(searches))),
        )
    return table


async def _one_swap(source: _NewNames, servicer: CatalogueServicer) -> tuple[list[float], list[float]]:
    held: list[float] = []
    searches: list[float] = []
    tasks = [asyncio.create_task(_note_lateness(held)), asyncio.create_task(_search(servicer, searches))]
    source.rename()
    await source.opened.wait()
    await asyncio.sleep(0.2)  # The replaced generation is freed.
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return held, searches


async def _note_lateness(held: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(_TICK_S)
        held.append((time.perf_counter() - began - _TICK_S) * 1000)


async def _search(servicer: CatalogueServicer, latencies: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await servicer.SearchFormations(_SEARCH, None)
        latencies.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(_TICK_S)


def _texts(catalogue: Catalogue) -> Table:
    asks: dict[str, Callable[[str], object]] = {
        "communes": lambda texte: catalogue.suggested_communes.suggest(texte, 10),
        "metiers": lambda texte: catalogue.suggested_metiers.suggest(texte, 10),
        "formations": lambda texte: expand(
            texte, catalogue.analyser, catalogue.vocabulary, catalogue.synonyms
        ),
    }
    table = Table(title="CPU ms of a text: first call, median of the next 5")
    for column in ("text", *asks):
        table.add_column(column, justify="left" if column == "text" else "right")
    for name, texte in WORST_TEXTS.items():
        cells = []
        for ask in asks.values():
            first, *others = [_cpu_ms(ask, texte[:_MAX_SUGGESTION_CHARS]) for _ in range(6)]
            cells.append(f"{first:.1f}, {statistics.median(others):.1f}")
        table.add_row(name, *cells)
    return table


def _cpu_ms(ask: Callable[[str], object], texte: str) -> float:
    began = time.thread_time()
    ask(texte)
    return (time.thread_time() - began) * 1000


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]


async def _publish(data: Path, state: Path) -> None:
    await FolderDestination(state).publish(read_real_edition(data), progress_console())


async def _run(arguments: argparse.Namespace, folder: Path) -> list[Table]:
    await _publish(arguments.data, folder)
    return await measure(folder, arguments.swaps)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.responsiveness",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--swaps", type=int, default=5)
    arguments = parser.parse_args()
    silence_logs()
    # As the services do: see services/common/server.py.
    sys.setswitchinterval(0.001)
    output = Console(width=120)
    with tempfile.TemporaryDirectory() as folder:
        for table in asyncio.run(_run(arguments, Path(folder))):
            output.print(table)
