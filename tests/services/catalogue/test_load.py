from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from services.catalogue.criteria import FormationCriteria, PageWanted
from services.catalogue.engine.tantivy.source import FolderSource
from services.catalogue.engine.tantivy.store import TantivyFormationStore
from services.catalogue.importing.data_folder import Import
from services.catalogue.importing.destination import REJECTED, REPORT, Edition, Manifest
from services.catalogue.importing.formations import Origin
from services.catalogue.live import LiveCatalogue
from services.catalogue.load import FICTIVE_SOURCE, REAL_SOURCE, load
from services.catalogue.tables import read_tables
from services.common.errors import UpstreamUnavailable
from services.common.generation import current_generation
from services.common.report import ImportConsole
from services.common.table import BadFile
from tests.support.catalogue import damages
from tests.support.catalogue.loading import COMMAND, generations, rows_of
from tests.support.catalogue.small_france import TODAY, load_data, served_id, write_data
from tests.support.repository import REPOSITORY

KEY = served_id("24_1")


class NeverPublished:
    """A destination that serves nothing yet, and fails on every other call."""

    async def live(self) -> Manifest | None:
        return None

    async def publish(self, edition: Edition, console: ImportConsole) -> None:
        raise AssertionError(f"{edition.manifest} was published to {console}")

    async def rollback(self) -> Manifest:
        raise AssertionError

    async def close(self) -> None:
        raise AssertionError


@pytest.mark.parametrize("damage", damages.DAMAGES)
async def test_damaged_file_is_refused_before_the_live_index_is_touched(
    tmp_path: Path, quiet: ImportConsole, damage: Callable[[Path], None]
) -> None:
    data = write_data(tmp_path / "data")
    damage(data)

    with pytest.raises(BadFile, match=r"data|domaines_metiers.json: not the expected shape \(the whole"):
        await load(Import(data, Origin("test", fictive=False, today=TODAY), quiet), NeverPublished(), quiet)


@pytest.mark.parametrize("damage", [damages.truncate_gzip, damages.reshape_json])
async def test_import_of_a_damaged_file_changes_nothing(
    tmp_path: Path, state: Path, quiet: ImportConsole, damage: Callable[[Path], None]
) -> None:
    data = write_data(tmp_path / "data")
    await load_data(data, state, quiet)
    before = current_generation(state)
    damage(data)

    with pytest.raises(BadFile):
        await load_data(data, state, quiet)

    assert current_generation(state) == before
    assert generations(state) == {before}


async def test_generation_holds_the_rows_and_the_report(
    tmp_path: Path, state: Path, quiet: ImportConsole
) -> None:
    await load_data(write_data(tmp_path / "data", [{}, {"id": "gone", "published": "0"}]), state, quiet)

    folder = current_generation(state)
    assert folder is not None
    found = (await TantivyFormationStore.open(folder).by_ids([KEY]))[KEY]
    assert (found.source, found.fictive) == (REAL_SOURCE, False)
    tables = read_tables(folder)
    assert len(tables.romes) == 5
    assert tables.mobilite["D1102"] == ("D1104", "D1202")
    assert tables.vocabulary["boulang"] == 1
    reports = {each["table"]: each for each in orjson.loads((folder / REPORT).read_bytes())}
    assert reports["formations"] == {
        "table": "formations",
        "read": 2,
        "accepted": 1,
        "corrected": {},
        "rejected": {"superseded by a later line (published=0)": 1},
    }
    assert ["formations", "3", "gone", "superseded by a later line (published=0)"] in rows_of(
        folder / REJECTED
    )


async def test_fictive_rows_say_so(tmp_path: Path, state: Path, quiet: ImportConsole) -> None:
    await load_data(write_data(tmp_path / "data"), state, quiet, fictive=True)

    folder = current_generation(state)
    assert folder is not None
    row = (await TantivyFormationStore.open(folder).by_ids([KEY]))[KEY]
    assert row.fictive
    assert row.source == FICTIVE_SOURCE


class DoesNotAnswer(NeverPublished):
    async def live(self) -> Manifest | None:
        raise UpstreamUnavailable("no answer")


async def test_place_that_does_not_answer_is_told_of_before_the_files_are_read(
    tmp_path: Path, quiet: ImportConsole
) -> None:
    work = Import(tmp_path, Origin("test", fictive=False, today=TODAY), quiet)

    with pytest.raises(UpstreamUnavailable):
        await load(work, DoesNotAnswer(), quiet)

    assert work.reports == []


@pytest.mark.server
async def test_searches_while_imports_run_see_one_whole_edition(tmp_path: Path, state: Path) -> None:
    sizes = {"BOULANGER (CAP)": 300, "PATISSIER (CAP)": 400}
    folders = [
        write_data(tmp_path / title, [{"id": str(number), "intitule": title} for number in range(size)])
        for title, size in sizes.items()
    ]
    first, second = folders
    await _import(first, state)
    live = LiveCatalogue(FolderSource(state, TantivyFormationStore.open))
    seen: list[str] = []

    async def search() -> None:
        page = await (await live.current()).formations.search(FormationCriteria(), PageWanted(100))
        (title,) = {row.formation.intitule for row in page.rows}
        assert (page.total, len(page.rows)) == (sizes[title], 100)
        if seen[-1:] != [title]:
            seen.append(title)

    await search()
    for folder in (second, first):
        importing = asyncio.create_task(_import(folder, state))
        changes = len(seen)
        async with asyncio.timeout(60):
            while not importing.done() or len(seen) <= changes:
                await search()
                await asyncio.sleep(0)

    assert seen == ["BOULANGER (CAP)", "PATISSIER (CAP)", "BOULANGER (CAP)"]


async def _import(data: Path, state: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "--data", data, "--state", state, cwd=REPOSITORY, stderr=subprocess.DEVNULL
    )
    assert await process.wait() == 0


@pytest.mark.slow
async def test_demonstration_set_is_imported_without_a_correction_but_dates(
    demonstration: Path, state: Path, quiet: ImportConsole
) -> None:
    reports = await load_data(demonstration, state, quiet, fictive=True)

    assert all(report.accepted for report in reports)
    corrected = {reason for report in reports for reason in report.corrected}
    assert corrected <= {"past sessions shifted by whole years to the first to come"}


async def test_real_data_is_imported(real_data: Path, state: Path, quiet: ImportConsole) -> None:
    reports = {report.table: report for report in await load_data(real_data, state, quiet)}

    formations = reports["formations"]
    assert formations.read == 31_471
    assert formations.accepted > 13_000
    assert formations.read == formations.accepted + sum(formations.rejected.values())
    assert len(formations.rejections) == sum(formations.rejected.values())
    assert reports["rome_mobilite"].accepted > 4_000
    for report in reports.values():
        assert all(each.line is not None for each in report.rejections)
