from __future__ import annotations

import asyncio
import gc
import shutil
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from services.catalogue import live as catalogue_module
from services.catalogue.engine.tantivy.destination import FolderDestination
from services.catalogue.engine.tantivy.source import FolderSource
from services.catalogue.engine.tantivy.store import TantivyFormationStore
from services.catalogue.importing.data_folder import Import
from services.catalogue.importing.formations import Origin
from services.catalogue.live import Catalogue, FormationStore, LiveCatalogue
from services.catalogue.load import load
from services.catalogue.zone import AroundCommune
from services.common.errors import InvalidRequest, UpstreamUnavailable
from services.common.generation import current_generation
from services.common.report import ImportConsole
from services.common.slices import SLICE_ROWS
from tests.services.catalogue.conftest import TODAY
from tests.support.catalogue.small_france import served_id, write_data
from tests.support.work import called_on_this_thread

Publish = Callable[..., Awaitable[Path]]


@pytest.fixture
def publish(state: Path, tmp_path: Path, quiet: ImportConsole) -> Publish:
    """Import these trainings; returns the folder of the generation."""

    async def import_rows(*rows: dict[str, str]) -> Path:
        origin = Origin("test", fictive=False, today=TODAY)
        work = Import(write_data(tmp_path / "data", rows), origin, quiet)
        await load(work, FolderDestination(state), quiet, force=True)
        folder = current_generation(state)
        assert folder is not None
        return folder

    return import_rows


@pytest.fixture(autouse=True)
def _no_pause_between_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_module, "_POLL_S", 0.0)


async def until(found: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the condition holds, up to the time limit of the test."""
    async with asyncio.timeout(60):
        while not await found():  # noqa: ASYNC110 - what it waits for happens in another thread
            await asyncio.sleep(0.01)


async def holds(live: LiveCatalogue, identifier: str) -> bool:
    return bool(await (await live.current()).formations.by_ids([served_id(identifier)]))


async def test_without_data_it_is_not_well_and_says_why(state: Path) -> None:
    live = LiveCatalogue(FolderSource(state, TantivyFormationStore.open))

    with pytest.raises(UpstreamUnavailable, match="le catalogue est vide"):
        await live.ping()
    with pytest.raises(UpstreamUnavailable, match="le catalogue est vide"):
        await live.current()


async def test_first_import_is_served_without_a_restart(state: Path, publish: Publish) -> None:
    live = LiveCatalogue(FolderSource(state, TantivyFormationStore.open))
    with pytest.raises(UpstreamUnavailable):
        await live.ping()

    await publish({"id": "a"})

    await live.ping()
    assert await holds(live, "a")


async def test_new_generation_replaces_the_old_one(state: Path, publish: Publish) -> None:
    await publish({"id": "old"})
    live = LiveCatalogue(FolderSource(state, TantivyFormationStore.open))
    old = await live.current()

    await publish({"id": "new"})

    await until(lambda: holds(live, "new"))
    assert not await holds(live, "old")
    # A request that began before the import continues with the old data.
    assert await old.formations.by_ids([served_id("old")])


async def test_requests_get_the_old_data_while_the_new_opens(state: Path, publish: Publish) -> None:
    await publish({"id": "old"})
    loop = asyncio.get_running_loop()
    may_open = asyncio.Event()

    def open_slowly(folder: Path) -> FormationStore:
        asyncio.run_coroutine_threadsafe(may_open.wait(), loop).result()
        return TantivyFormationStore.open(folder)

    may_open.set()
    live = LiveCatalogue(FolderSource(state, open_slowly))
    await live.current()
    may_open.clear()
    await publish({"id": "new"})

    assert await holds(live, "old")
    await asyncio.sleep(0)
    assert await holds(live, "old")

    may_open.set()
    await until(lambda: holds(live, "new"))


async def test_replaced_generation_is_freed_without_the_collector(state: Path, publish: Publish) -> None:
    await publish({"id": "old"})
    live = LiveCatalogue(FolderSource(state, TantivyFormationStore.open))
    served = await live.current()
    old = [weakref.ref(each) for each in (served, served.communes, served.suggested_metiers)]
    del served
    gc.disable()
    try:
        await publish({"id": "new"})

        async def are_freed() -> bool:
            return await holds(live, "new") and all(each() is None for each in old)

        await until(are_freed)
    finally:
        gc.enable()


async def test_event_loop_builds_no_look_up(state: Path, publish: Publish) -> None:
    await publish({"id": "a"})
    live = LiveCatalogue(FolderSource(state, TantivyFormationStore.open))

    with called_on_this_thread() as called:
        catalogue = await live.current()
        with pytest.raises(InvalidRequest, match="code postal"):
            catalogue.zones.resolve(AroundCommune("75011", 0))
        assert catalogue.suggested_metiers.suggest("boulanger", 1)
        assert catalogue.suggested_communes.suggest("pariss", 1)

    assert "Communes.with_postal_code" in called
    assert not {"Catalogue.__init__", "Communes._by_postal_code", "WordIndex.__init__"} & called


async def test_generation_is_freed_in_small_pieces(state: Path, publish: Publish) -> None:
    await publish({"id": "old"})
    catalogue = await LiveCatalogue(FolderSource(state, TantivyFormationStore.open)).current()
    catalogue.etablissements |= {
        str(number): replace(etablissement, siret=str(number))
        for etablissement in catalogue.etablissements.values()
        for number in range(1_000)
    }

    pieces = catalogue.pieces()

    rows = [*catalogue.etablissements.values(), *catalogue.communes]
    assert all(len(piece) <= SLICE_ROWS for piece in pieces)
    assert {id(each) for piece in pieces for each in piece} >= set(map(id, rows))


async def test_unreadable_generation_leaves_the_old_one_served(state: Path, publish: Publish) -> None:
    await publish({"id": "old"})
    live = LiveCatalogue(FolderSource(state, TantivyFormationStore.open))
    await live.current()

    broken = await publish({"id": "new"})
    (broken / "tables.jsonl").write_bytes(b"{")

    for _ in range(20):
        assert await holds(live, "old")
        await asyncio.sleep(0.01)
    await publish({"id": "newer"})
    await until(lambda: holds(live, "newer"))


def _truncate_tables(folder: Path) -> None:
    path = folder / "tables.jsonl"
    path.write_bytes(path.read_bytes()[:-10])


def _change_a_row(folder: Path) -> None:
    path = folder / "tables.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Boulang", b"boulang"))


def _truncate_columns(folder: Path) -> None:
    path = folder / "columns.npz"
    path.write_bytes(path.read_bytes()[:-100])


def _remove_index(folder: Path) -> None:
    shutil.rmtree(folder / "index")


def _lose_a_key(folder: Path) -> None:
    (folder / "names.json").write_bytes(b"{}")


def _other_version(folder: Path) -> None:
    path = folder / "tables.jsonl"
    heading, rows = path.read_bytes().split(b"\n", 1)
    path.write_bytes(orjson.dumps({**orjson.loads(heading), "format": 0}) + b"\n" + rows)


def _other_layout(folder: Path) -> None:
    (folder / ".format").write_text("0")


@pytest.mark.parametrize(
    "damage",
    [
        _change_a_row,
        _truncate_tables,
        _truncate_columns,
        _remove_index,
        _lose_a_key,
        _other_version,
        _other_layout,
    ],
)
async def test_damaged_generation_is_refused_plainly(
    state: Path, publish: Publish, damage: Callable[[Path], None]
) -> None:
    damage(await publish({"id": "a"}))
    live = LiveCatalogue(FolderSource(state, TantivyFormationStore.open))

    with pytest.raises(UpstreamUnavailable, match="illisible"):
        await live.ping()


async def test_request_that_gives_up_does_not_stop_the_opening(state: Path, publish: Publish) -> None:
    await publish({"id": "a"})
    opened: list[Path] = []

    def open_once(folder: Path) -> FormationStore:
        opened.append(folder)
        return TantivyFormationStore.open(folder)

    live = LiveCatalogue(FolderSource(state, open_once))
    impatient = asyncio.create_task(live.current())
    await asyncio.sleep(0)
    impatient.cancel()
    found: list[Catalogue] = await asyncio.gather(*(live.current() for _ in range(5)))

    assert len(set(map(id, found))) == 1
    assert len(opened) == 1
