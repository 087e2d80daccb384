from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date
from pathlib import Path

import grpc
import pytest
from rich.console import Console

from protos import catalogue_pb2_grpc
from services.catalogue.engine.elasticsearch.client import elasticsearch_client
from services.catalogue.engine.tantivy.store import TantivyFormationStore, write_index
from services.catalogue.formation import Formation
from services.catalogue.importing.data_folder import Import
from services.catalogue.importing.destination import Edition
from services.catalogue.importing.formations import Origin
from services.catalogue.live import FormationStore
from services.catalogue.load import read_edition
from services.catalogue.tables import Tables
from services.common.report import ImportConsole
from tests.support.catalogue.elasticsearch_rows import new_prefix, publish_rows, settings_for
from tests.support.catalogue.oracle import index_formations
from tests.support.catalogue.real_engines import Engine
from tests.support.catalogue.serving import ROWS, served
from tests.support.catalogue.small_france import load_data, write_data

TODAY = date(2026, 11, 23)

StoreOf = Callable[[Sequence[Formation]], Awaitable[FormationStore]]


@pytest.fixture(scope="session")
def quiet() -> ImportConsole:
    return ImportConsole(Console(file=io.StringIO()))


@pytest.fixture(scope="session")
def real_edition(real_data: Path, quiet: ImportConsole) -> Edition:
    """The edition that an import of the real data publishes."""
    return read_edition(Import(real_data, Origin("test", fictive=False, today=TODAY), quiet), quiet)


@pytest.fixture(scope="session")
def real_import(real_edition: Edition) -> tuple[list[Formation], Tables]:
    """What the import reads of the real data."""
    return [each.formation for each in real_edition.formations], real_edition.tables


@pytest.fixture(scope="session")
def tantivy_store_of(tmp_path_factory: pytest.TempPathFactory) -> StoreOf:
    async def store_of(formations: Sequence[Formation]) -> FormationStore:
        folder = tmp_path_factory.mktemp("generation")
        write_index(folder, index_formations(formations))
        return TantivyFormationStore.open(folder)

    return store_of


@pytest.fixture(scope="session")
async def elasticsearch_store_of(elasticsearch_url: str) -> AsyncIterator[StoreOf]:
    async with elasticsearch_client(settings_for(elasticsearch_url)) as client:

        async def store_of(formations: Sequence[Formation]) -> FormationStore:
            return await publish_rows(client, new_prefix(), index_formations(formations))

        yield store_of


@pytest.fixture(scope="session", params=["tantivy", "elasticsearch"])
def store_of(request: pytest.FixtureRequest) -> StoreOf:
    """Stores trainings; each test that uses it runs on both engines."""
    made: StoreOf = request.getfixturevalue(f"{request.param}_store_of")
    return made


@pytest.fixture(scope="session")
def real_tantivy(real_edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The embedded engine with all of the real trainings."""
    folder = tmp_path_factory.mktemp("real")
    write_index(folder, real_edition.formations)
    return Engine(TantivyFormationStore.open(folder), real_edition, TODAY)


@pytest.fixture(scope="session")
async def real_elasticsearch(real_edition: Edition, elasticsearch_url: str) -> AsyncIterator[Engine]:
    """Elasticsearch with all of the real trainings."""
    async with elasticsearch_client(settings_for(elasticsearch_url)) as client:
        store = await publish_rows(client, new_prefix(), real_edition.formations)
        yield Engine(store, real_edition, TODAY)


@pytest.fixture(scope="module")
async def channel(
    tmp_path_factory: pytest.TempPathFactory, quiet: ImportConsole
) -> AsyncIterator[grpc.aio.Channel]:
    folder = tmp_path_factory.mktemp("catalogue")
    await load_data(write_data(folder / "data", ROWS), folder / "state", quiet, fictive=True)
    async with served(folder / "state") as opened:
        yield opened


@pytest.fixture(scope="module")
def stub(channel: grpc.aio.Channel) -> catalogue_pb2_grpc.CatalogueAsyncStub:
    return catalogue_pb2_grpc.CatalogueStub(channel)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The folder in which an import keeps its generations."""
    return tmp_path / "state"
