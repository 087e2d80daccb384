"""Serves an edition on either engine during a measurement, loaded and opened by the project's own code."""

from __future__ import annotations

import argparse
import logging
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import structlog
from rich.console import Console

from deploy.local.engines.elasticsearch.files import elasticsearch_files, user_cache
from deploy.local.engines.elasticsearch.node import NodeOptions
from deploy.local.engines.elasticsearch.server import ElasticsearchNode
from deploy.local.ports import free_port
from services.catalogue.engine.elasticsearch.client import elasticsearch_client
from services.catalogue.engine.elasticsearch.destination import ElasticsearchDestination
from services.catalogue.engine.elasticsearch.source import ElasticsearchSource
from services.catalogue.engine.tantivy.destination import FolderDestination
from services.catalogue.engine.tantivy.source import FolderSource
from services.catalogue.engine.tantivy.store import TantivyFormationStore
from services.catalogue.importing.data_folder import Import
from services.catalogue.importing.destination import Edition
from services.catalogue.importing.formations import Origin
from services.catalogue.live import LiveCatalogue
from services.catalogue.load import read_edition
from services.catalogue.settings import ElasticsearchSettings
from services.common.report import ImportConsole

TANTIVY, ELASTICSEARCH = "tantivy", "elasticsearch"
ENGINES = (TANTIVY, ELASTICSEARCH)

TODAY = date(2026, 9, 1)
"""A fixed date, because the sessions to come influence the scores."""

_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Served:
    """An edition served on one engine."""

    live: LiveCatalogue
    build_s: float
    """Time from the rows in memory to the published generation."""
    index: str
    """The folder of the generation, or the name of the index of the trainings."""


def engine_parser(prog: str, description: str | None) -> argparse.ArgumentParser:
    """A parser with the options common to all measurements of the engines."""
    parser = argparse.ArgumentParser(
        prog=prog, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--engines", default=",".join(ENGINES))
    return parser


def silence_logs() -> None:
    """Log warnings and errors only."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def progress_console() -> ImportConsole:
    """A console that shows progress on a terminal only."""
    output = Console(stderr=True, highlight=False, soft_wrap=True)
    return ImportConsole(output if output.is_terminal else Console(quiet=True))


def read_real_edition(data: Path) -> Edition:
    """Read the folder of open data as the importer does, with TODAY as the date."""
    console = progress_console()
    return read_edition(Import(data, Origin("bench", fictive=False, today=TODAY), console), console)


@contextmanager
def private_elasticsearch(heap: str) -> Iterator[str]:
    """Run a private Elasticsearch during the block; yields its address. Raises ElasticsearchUnavailable.

    Java uses all its compilers, as in production.
    """
    files = elasticsearch_files(user_cache(), print)
    # When we are root, the server runs under another account, which must be able to enter this folder.
    folder = Path(tempfile.mkdtemp(prefix="lba-bench-"))
    folder.chmod(0o755)
    node = ElasticsearchNode(files, folder, free_port(()), NodeOptions(heap=heap, optimised=True))
    try:
        node.start()
        yield node.url
    finally:
        node.stop()
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def serve_edition(engine: str, edition: Edition, state: Path, url: str) -> AsyncIterator[Served]:
    """Publish the edition and open it; `state` is Tantivy's folder, `url` Elasticsearch's address."""
    if engine == TANTIVY:
        async with _serve_on_tantivy(edition, state) as served:
            yield served
    elif engine == ELASTICSEARCH:
        async with _serve_on_elasticsearch(edition, url) as served:
            yield served
    else:
        raise SystemExit(f"{engine!r} is not an engine: {' or '.join(ENGINES)}")


@asynccontextmanager
async def _serve_on_tantivy(edition: Edition, state: Path) -> AsyncIterator[Served]:
    began = time.perf_counter()
    await FolderDestination(state).publish(edition, progress_console())
    build_s = time.perf_counter() - began
    source = FolderSource(state, TantivyFormationStore.open)
    yield Served(LiveCatalogue(source), build_s, await source.current_name() or "")


@asynccontextmanager
async def _serve_on_elasticsearch(edition: Edition, url: str) -> AsyncIterator[Served]:
    settings = ElasticsearchSettings(
        elasticsearch_url=url,
        elasticsearch_replicas=0,
        elasticsearch_try_s=_TIMEOUT_S,
        elasticsearch_timeout_s=_TIMEOUT_S,
    )
    destination = ElasticsearchDestination(settings)
    began = time.perf_counter()
    try:
        await destination.publish(edition, progress_console())
    finally:
        await destination.close()
    build_s = time.perf_counter() - began
    async with elasticsearch_client(settings) as client:
        source = ElasticsearchSource(client, settings)
        yield Served(LiveCatalogue(source), build_s, await source.current_name() or "")
