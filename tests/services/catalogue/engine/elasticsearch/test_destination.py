from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from elasticsearch import AsyncElasticsearch

from services.catalogue import live as catalogue_module
from services.catalogue.criteria import FormationCriteria, PageWanted
from services.catalogue.engine.elasticsearch.client import elasticsearch_client
from services.catalogue.engine.elasticsearch.destination import ElasticsearchDestination
from services.catalogue.engine.elasticsearch.lock import import_lock
from services.catalogue.engine.elasticsearch.mapping import Names
from services.catalogue.engine.elasticsearch.source import ElasticsearchSource
from services.catalogue.importing.destination import NothingToRollBack
from services.catalogue.live import Catalogue, LiveCatalogue
from services.catalogue.settings import ElasticsearchSettings
from services.common.errors import UpstreamUnavailable
from services.common.report import ImportConsole
from tests.support.catalogue.elasticsearch_rows import edition, settings_for
from tests.support.catalogue.small_france import write_data
from tests.support.repository import REPOSITORY

HEARTBEAT_S = 0.05


@dataclass(frozen=True)
class Engine:
    """The objects of one index prefix on the server."""

    settings: ElasticsearchSettings
    client: AsyncElasticsearch
    destination: ElasticsearchDestination
    source: ElasticsearchSource
    names: Names

    async def open(self) -> Catalogue:
        """The live catalogue."""
        return await self.source.open(str(await self.source.current_name()))

    async def served(self) -> tuple[str, int, str]:
        """The first word of the live titles, the number of trainings, and a label of the tables."""
        catalogue = await self.open()
        page = await catalogue.formations.search(FormationCriteria(), PageWanted(1))
        return page.rows[0].formation.intitule.split()[0], page.total, catalogue.romes["D1102"].libelle

    async def indexes(self) -> dict[str, set[str]]:
        """The aliases of each index of data, without their prefix."""
        found = (await self.client.indices.get_alias(index=f"{self.names.prefix}-*")).body
        start = len(self.names.prefix) + 1
        return {
            name: {alias[start:] for alias in found[name]["aliases"]}
            for name in self.names.owned(list(found))
        }

    async def claim_another_analyser(self, alias: str) -> None:
        """Mark an index as written by another version."""
        for name, found in (await self.client.indices.get_mapping(index=alias)).body.items():
            meta = {**found["mappings"]["_meta"], "analyser": "0"}
            await self.client.indices.put_mapping(index=name, meta=meta)


@pytest.fixture
async def engine(elasticsearch_url: str) -> AsyncIterator[Engine]:
    settings = settings_for(elasticsearch_url)
    destination = ElasticsearchDestination(settings, HEARTBEAT_S)
    async with elasticsearch_client(settings) as client:
        source = ElasticsearchSource(client, settings)
        yield Engine(settings, client, destination, source, Names(settings.elasticsearch_prefix))
        await destination.close()
        left = (await client.indices.get(index=f"{settings.elasticsearch_prefix}-*")).body
        if left:
            await client.indices.delete(index=list(left))


async def test_what_is_published_is_served(engine: Engine, quiet: ImportConsole) -> None:
    assert await engine.source.current_name() is None
    assert await engine.destination.live() is None
    first = edition("pain", 30)

    await engine.destination.publish(first, quiet)

    assert await engine.served() == ("pain", 30, "pain")
    assert await engine.destination.live() == first.manifest


async def test_one_previous_generation_is_kept(engine: Engine, quiet: ImportConsole) -> None:
    for label in ("un", "deux", "trois"):
        await engine.destination.publish(edition(label, 5), quiet)

    assert await engine.served() == ("trois", 5, "trois")
    assert sorted(map(sorted, (await engine.indexes()).values())) == [
        ["formations"],
        ["formations-previous"],
        ["tables"],
        ["tables-previous"],
    ]


async def test_rollback_serves_the_previous_one_and_can_be_undone(
    engine: Engine, quiet: ImportConsole
) -> None:
    with pytest.raises(NothingToRollBack):
        await engine.destination.rollback()
    good, bad = edition("bon", 5), edition("mauvais", 9)
    await engine.destination.publish(good, quiet)
    with pytest.raises(NothingToRollBack):
        await engine.destination.rollback()
    await engine.destination.publish(bad, quiet)

    assert await engine.destination.rollback() == good.manifest
    assert await engine.served() == ("bon", 5, "bon")
    assert await engine.destination.live() == good.manifest

    assert await engine.destination.rollback() == bad.manifest
    assert await engine.served() == ("mauvais", 9, "mauvais")


async def test_previous_generation_of_another_version_is_not_rolled_back_to(
    engine: Engine, quiet: ImportConsole
) -> None:
    await engine.destination.publish(edition("ancien", 5), quiet)
    await engine.destination.publish(edition("neuf", 5), quiet)
    await engine.claim_another_analyser(engine.names.previous.formations)

    with pytest.raises(NothingToRollBack, match="autre version"):
        await engine.destination.rollback()

    assert await engine.served() == ("neuf", 5, "neuf")


async def test_generation_of_another_version_is_refused_and_said(
    engine: Engine, quiet: ImportConsole
) -> None:
    await engine.destination.publish(edition("ancien", 5), quiet)
    await engine.claim_another_analyser(engine.names.live.formations)

    with pytest.raises(UpstreamUnavailable, match="autre version"):
        await LiveCatalogue(engine.source).ping()

    assert await engine.destination.live() is None


async def test_tables_that_are_lost_are_said(engine: Engine, quiet: ImportConsole) -> None:
    await engine.destination.publish(edition("pain", 5), quiet)
    tables = [name for name, aliases in (await engine.indexes()).items() if aliases == {"tables"}]
    await engine.client.indices.delete(index=tables)

    with pytest.raises(UpstreamUnavailable, match="incomplet"):
        await LiveCatalogue(engine.source).ping()


async def test_reader_goes_on_when_its_generation_is_past(engine: Engine, quiet: ImportConsole) -> None:
    await engine.destination.publish(edition("un", 5), quiet)
    opened = await engine.open()
    await engine.destination.publish(edition("deux", 7), quiet)
    assert (await opened.formations.search(FormationCriteria(), PageWanted(0))).total == 5

    await engine.destination.publish(edition("trois", 9), quiet)

    await opened.formations.ping()
    assert (await opened.formations.search(FormationCriteria(), PageWanted(0))).total == 9
    assert list(await opened.formations.by_ids(["un1", "trois1"])) == ["trois1"]


@asynccontextmanager
async def under_load(ask: Callable[[], Awaitable[None]], loops: int = 4) -> AsyncIterator[list[int]]:
    """Call `ask` in several loops until the end of the block. Yields the number of calls of each loop."""
    asked = [0] * loops
    over = asyncio.Event()

    async def repeat(number: int) -> None:
        while not over.is_set():
            await ask()
            asked[number] += 1

    async with asyncio.TaskGroup() as group:
        for number in range(loops):
            group.create_task(repeat(number))
        try:
            yield asked
        finally:
            over.set()


async def test_no_search_sees_an_import(
    engine: Engine, quiet: ImportConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_module, "_POLL_S", 0.02)
    editions = [edition("un", 150), edition("deux", 450), edition("trois", 90)]
    counts = {"un": 150, "deux": 450, "trois": 90}
    await engine.destination.publish(editions[0], quiet)
    live = LiveCatalogue(engine.source)
    seen = set()

    async def ask() -> None:
        store = (await live.current()).formations
        page = await store.search(FormationCriteria(), PageWanted(100, with_facets=True))
        labels = {row.formation.intitule.split()[0] for row in page.rows}
        assert len(labels) == 1
        label = labels.pop()
        assert page.total == counts[label]
        assert page.facets is not None
        assert page.facets.niveaux == ((3, counts[label]),)
        assert len(page.rows) == min(100, counts[label])
        seen.add(label)

    async with under_load(ask) as asked:
        for number in range(1, 6):
            await engine.destination.publish(editions[number % 3], quiet)
        await engine.destination.rollback()

    assert seen == set(counts)
    assert min(asked) > 5


async def test_cursor_goes_on_over_a_swap(engine: Engine, quiet: ImportConsole) -> None:
    await engine.destination.publish(edition("pain", 50), quiet)
    page = await (await engine.open()).formations.search(FormationCriteria(), PageWanted(20))
    # Ten rows are added at the end, and the others do not change.
    await engine.destination.publish(edition("pain", 60), quiet)

    rest = await (await engine.open()).formations.search(
        FormationCriteria(), PageWanted(100, page.rows[-1].position)
    )

    found = [row.formation.id for row in (*page.rows, *rest.rows)]
    assert found == [f"pain{number}" for number in range(60)]


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await happened():  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.005)


async def test_killed_import_changes_nothing_and_the_next_removes_what_it_left(
    engine: Engine, quiet: ImportConsole, tmp_path: Path
) -> None:
    await engine.destination.publish(edition("avant", 20), quiet)
    before = await engine.indexes()
    data = write_data(tmp_path / "data", ({"id": f"24_{number}"} for number in range(4_000)))
    environment = {
        **os.environ,
        "CATALOGUE_ELASTICSEARCH_URL": engine.settings.elasticsearch_url,
        "CATALOGUE_ELASTICSEARCH_PREFIX": engine.names.prefix,
    }
    report = str(tmp_path / "rejected.csv")
    words = [sys.executable, "-m", "services.catalogue.load", "--data", str(data), "--report", report]
    process = subprocess.Popen(words, env=environment, cwd=REPOSITORY, stderr=subprocess.DEVNULL)

    async def building() -> bool:
        assert process.poll() is None
        return len(await engine.indexes()) > len(before)

    await until(building)
    process.send_signal(signal.SIGKILL)
    process.wait()

    left = await engine.indexes()
    assert {name: aliases for name, aliases in left.items() if aliases} == before
    assert any(not aliases for aliases in left.values())
    assert await engine.served() == ("avant", 20, "avant")

    await engine.destination.publish(edition("apres", 30), quiet)

    assert await engine.served() == ("apres", 30, "apres")
    assert all((await engine.indexes()).values())
    assert len(await engine.indexes()) == 4


async def test_failed_import_removes_what_it_made(engine: Engine, quiet: ImportConsole) -> None:
    await engine.destination.publish(edition("avant", 5), quiet)
    before = await engine.indexes()
    twice = edition("double", 5)
    # Two rows with the same id are one document, so one row is missing.
    broken = type(twice)([*twice.formations, twice.formations[0]], twice.tables, twice.manifest)

    with pytest.raises(UpstreamUnavailable, match="5 lignes sur 6"):
        await engine.destination.publish(broken, quiet)

    assert await engine.indexes() == before
    assert await engine.served() == ("avant", 5, "avant")


async def test_indexes_of_others_are_left_alone(engine: Engine, quiet: ImportConsole) -> None:
    others = [
        f"{engine.names.prefix}-formations-notes",
        f"{engine.names.prefix}-formations-formations-1-20260101000000abcdef",
    ]
    for name in others:
        await engine.client.indices.create(index=name)

    await engine.destination.publish(edition("un", 5), quiet)

    for name in others:
        assert await engine.client.indices.exists(index=name)


async def test_imports_take_turns(engine: Engine, quiet: ImportConsole) -> None:
    async with AsyncExitStack() as stack:
        # The heartbeats are rare, so that no import looks dead on a busy machine.
        destinations = [ElasticsearchDestination(engine.settings, 10 * HEARTBEAT_S) for _ in range(3)]
        for destination in destinations:
            stack.push_async_callback(destination.close)

        # Without the lock each import would remove the index that another builds, which has no alias yet.
        async with asyncio.TaskGroup() as group:
            for each, label in zip(destinations, ("un", "deux", "trois"), strict=True):
                group.create_task(each.publish(edition(label, 50), quiet))

    label, total, of_tables = await engine.served()
    assert label == of_tables
    assert total == 50


async def test_lock_of_a_dead_import_is_taken_and_its_owner_notices(engine: Engine) -> None:
    index = f"{engine.names.prefix}-import"
    # Its heartbeats are so rare that other imports take it for dead.
    async with (
        import_lock(engine.client, index, heartbeat_s=1_000) as slow,
        import_lock(engine.client, index, HEARTBEAT_S) as quick,
    ):
        await quick.check()
        with pytest.raises(UpstreamUnavailable, match="took this one for dead"):
            await slow.check()


async def test_lock_that_beats_is_not_taken(engine: Engine) -> None:
    index = f"{engine.names.prefix}-import"

    async def take() -> None:
        # It waits for fifty heartbeats of the other import.
        async with import_lock(engine.client, index, 10 * HEARTBEAT_S):
            pass

    async def beats() -> int:
        found = await engine.client.get(index=index, id="import")
        return int(found["_source"]["beat"])

    async with import_lock(engine.client, index, HEARTBEAT_S) as first:
        waiting = asyncio.create_task(take())
        last = await beats() + 100

        async def has_beaten() -> bool:
            return waiting.done() or await beats() > last

        await until(has_beaten)
        assert not waiting.done()
        await first.check()
    await waiting
