"""An import of data that is served already, with both destinations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest

from services.catalogue.engine.elasticsearch.client import elasticsearch_client
from services.catalogue.engine.elasticsearch.destination import ElasticsearchDestination
from services.catalogue.engine.elasticsearch.source import ElasticsearchSource
from services.catalogue.engine.tantivy.destination import FolderDestination
from services.catalogue.engine.tantivy.source import FolderSource
from services.catalogue.engine.tantivy.store import TantivyFormationStore
from services.catalogue.importing.data_folder import Import
from services.catalogue.importing.destination import Destination
from services.catalogue.importing.formations import Origin
from services.catalogue.live import Source
from services.catalogue.load import FarFewerRows, load
from services.common.report import ImportConsole
from services.common.table import BadFile
from tests.support.catalogue.elasticsearch_rows import settings_for
from tests.support.catalogue.small_france import TODAY, write_data

TEN = [{"id": str(number)} for number in range(10)]


class Loader:
    """Imports trainings as the command does, and returns whether anything changed."""

    def __init__(self, folder: Path, destination: Destination, source: Source, quiet: ImportConsole) -> None:
        self.folder = folder
        self.served = source.current_name
        self._destination = destination
        self._quiet = quiet
        self.today = TODAY

    async def __call__(self, rows: list[dict[str, str]], *, force: bool = False) -> bool:
        write_data(self.folder, rows)
        return await self.load(force=force)

    async def load(self, *, force: bool = False) -> bool:
        """Import the folder without changing its files."""
        work = Import(self.folder, Origin("test", fictive=False, today=self.today), self._quiet)
        return await load(work, self._destination, self._quiet, force=force)


@asynccontextmanager
async def elasticsearch_place(url: str) -> AsyncIterator[tuple[Destination, Source]]:
    settings = settings_for(url)
    destination = ElasticsearchDestination(settings, heartbeat_s=0.05)
    async with elasticsearch_client(settings) as client:
        yield destination, ElasticsearchSource(client, settings)
    await destination.close()


@pytest.fixture(params=["folder", "elasticsearch"])
async def loads(
    request: pytest.FixtureRequest, tmp_path: Path, quiet: ImportConsole
) -> AsyncIterator[Loader]:
    """Loads into one destination; each test that uses it runs with both."""
    data, state = tmp_path / "data", tmp_path / "state"
    if request.param == "folder":
        source = FolderSource(state, TantivyFormationStore.open)
        yield Loader(data, FolderDestination(state), source, quiet)
        return
    async with elasticsearch_place(request.getfixturevalue("elasticsearch_url")) as (
        destination,
        served_from,
    ):
        yield Loader(data, destination, served_from, quiet)


async def test_same_content_is_not_loaded_twice(loads: Loader) -> None:
    assert await loads(TEN)
    before = await loads.served()

    assert not await loads(TEN)
    assert not await loads(TEN[::-1])
    assert await loads.served() == before

    assert await loads(TEN, force=True)
    assert await loads.served() != before


async def test_another_content_is_loaded(loads: Loader) -> None:
    await loads(TEN)

    assert await loads([*TEN[:9], {"id": "other"}])
    assert await loads([*TEN[:9], {"id": "other", "intitule": "BOULANGERE (CAP)"}])


async def test_sessions_that_passed_make_another_content(loads: Loader) -> None:
    await loads(TEN)
    loads.today = date(2027, 10, 1)

    assert await loads(TEN)


async def test_far_fewer_trainings_are_refused_unless_forced(loads: Loader) -> None:
    await loads(TEN)
    before = await loads.served()

    with pytest.raises(FarFewerRows, match=r"6 trainings and 10 are served now: less than 70%"):
        await loads(TEN[:6])
    assert await loads.served() == before

    assert await loads(TEN[:6], force=True)
    assert await loads.served() != before


async def test_a_few_trainings_less_are_loaded(loads: Loader) -> None:
    await loads(TEN)

    assert await loads(TEN[:7])


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"id,intitule\n1,Boulanger\n", id="columns missing"),
        pytest.param("id,é".encode("utf-16"), id="utf-16"),
        pytest.param(b"\x1f\x8bnot gzip", id="not text"),
    ],
)
async def test_file_that_is_not_whole_leaves_what_is_served(loads: Loader, broken: bytes) -> None:
    await loads(TEN)
    before = await loads.served()
    (loads.folder / "formations.csv").write_bytes(broken)

    with pytest.raises(BadFile, match=r"formations\.csv"):
        await loads.load(force=True)

    assert await loads.served() == before
