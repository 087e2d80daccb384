from __future__ import annotations

import asyncio
import csv
import gzip
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from services.catalogue.catalogue import FolderSource, LiveCatalogue
from services.catalogue.criteria import FormationCriteria, PageWanted
from services.catalogue.import_formations import Origin
from services.catalogue.load import FICTIVE_SOURCE, REAL_SOURCE, load, main
from services.catalogue.reading import Import
from services.catalogue.tables import read_tables
from services.catalogue.tantivy_store import TantivyFormationStore
from services.catalogue.target import REJECTED, REPORT, Edition, Manifest
from services.common.errors import UpstreamUnavailable
from services.common.generation import current_generation
from services.common.report import ImportConsole
from services.common.table import BadFile
from tests.services.catalogue.small_france import TODAY, load_data, served_id, write_data

ROOT = Path(__file__).parents[3]
KEY = served_id("24_1")
_COMMAND = (sys.executable, "-m", "services.catalogue.load")
TEN = [{"id": str(number)} for number in range(10)]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def generations(state: Path) -> set[Path | None]:
    return set(state.resolve().glob("gen-*"))


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _truncate_gzip(data: Path) -> None:
    path = data / "formations.csv"
    whole = gzip.compress(path.read_bytes() * 50)
    path.unlink()
    (data / "formations.csv.gz").write_bytes(whole[: len(whole) // 2])


def _break_gzip(data: Path) -> None:
    (data / "formations.csv").unlink()
    (data / "formations.csv.gz").write_bytes(b"\x1f\x8b" + b"not gzip" * 50)


def _cut_a_row(data: Path) -> None:
    path = data / "formations.csv"
    path.write_bytes(path.read_bytes()[:-40])


def _drop_a_column(data: Path) -> None:
    path = data / "communes.csv"
    path.write_text(path.read_text().replace("code_insee", "insee"))


def _other_heading(data: Path) -> None:
    (data / "formations.csv").write_text("Statistiques du mois\n\nid,intitule\n1,BOULANGER\n")


def _other_delimiter(data: Path) -> None:
    path = data / "formations.csv"
    path.write_text(path.read_text().replace(",", ";"))


def _unclosed_quote(data: Path) -> None:
    path = data / "formations.csv"
    path.write_text(path.read_text() + '"24_2,never closed')


def _not_utf8(data: Path) -> None:
    path = data / "romes.csv"
    path.write_bytes(path.read_text().encode("latin-1"))


def _utf16(data: Path) -> None:
    path = data / "formations.csv"
    path.write_bytes(path.read_text().encode("utf-16"))


def _empty(data: Path) -> None:
    (data / "formations.csv").write_bytes(b"")


def _heading_alone(data: Path) -> None:
    path = data / "formations.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n")


def _remove(data: Path) -> None:
    (data / "rncp.csv").unlink()


def _remove_mobilite(data: Path) -> None:
    (data / "rome_mobilite.csv").unlink()


def _break_json(data: Path) -> None:
    (data / "domaines_metiers.json").write_text('[{"sous_domaine": "x"')


def _reshape_json(data: Path) -> None:
    (data / "domaines_metiers.json").write_text('{"sous_domaine": "x"}')


DAMAGES = [
    _truncate_gzip,
    _break_gzip,
    _cut_a_row,
    _drop_a_column,
    _other_heading,
    _other_delimiter,
    _unclosed_quote,
    _not_utf8,
    _utf16,
    _empty,
    _heading_alone,
    _remove,
    _remove_mobilite,
    _break_json,
    _reshape_json,
]


class NeverPublished:
    """A target that is asked what it serves, and for nothing else."""

    async def live(self) -> Manifest | None:
        return None

    async def publish(self, edition: Edition, console: ImportConsole) -> None:
        raise AssertionError(f"{edition.manifest} was published to {console}")

    async def rollback(self) -> Manifest:
        raise AssertionError

    async def close(self) -> None:
        raise AssertionError


@pytest.mark.parametrize("damage", DAMAGES)
async def test_damaged_file_is_refused_before_the_live_index_is_touched(
    tmp_path: Path, quiet: ImportConsole, damage: Callable[[Path], None]
) -> None:
    data = write_data(tmp_path / "data")
    damage(data)

    with pytest.raises(BadFile, match=r"data|domaines_metiers.json: not the expected shape \(the whole"):
        await load(Import(data, Origin("test", fictive=False, today=TODAY), quiet), NeverPublished(), quiet)


@pytest.mark.parametrize("damage", [_truncate_gzip, _reshape_json])
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


def command(*arguments: str | Path) -> None:
    main(list(map(str, arguments)))


def test_command_prints_the_report(tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_data(tmp_path / "data")

    command("--data", data, "--state", state, "--fictive")
    printed = capsys.readouterr().err
    assert "formations: 1 read, 1 accepted, 0 rejected" in printed
    assert f"rejected rows: {state / REJECTED}" in printed
    assert "catalogue loaded in" in printed

    command("--data", data, "--state", state, "--fictive")
    assert "catalogue already loaded, nothing has changed" in capsys.readouterr().err


def test_command_writes_each_rejected_row_where_it_is_told(tmp_path: Path, state: Path) -> None:
    data = write_data(tmp_path / "data", [{}, {"id": "x", "published": "0"}, {"id": ""}])
    report = tmp_path / "reports" / "rejected.csv"

    command("--data", data, "--state", state, "--report", report)

    assert rows_of(report) == [
        ["table", "line", "id", "reason"],
        ["formations", "3", "x", "superseded by a later line (published=0)"],
        ["formations", "4", "", "no id"],
        ["domaines_metiers", "2", "Sans métier connu", "no label, or no ROME code that exists"],
        ["appellations", "11", "10", "ROME 4 code without a known equivalent in ROME 3"],
    ]


def test_command_writes_the_rejected_rows_when_the_whole_is_refused(tmp_path: Path, state: Path) -> None:
    data = write_data(tmp_path / "data", [{"id": "x", "published": "0"}])

    with pytest.raises(SystemExit, match="no commune, no ROME code or no training could be read"):
        command("--data", data, "--state", state)

    rejected = rows_of(state / REJECTED)
    assert rejected[1] == ["formations", "2", "x", "superseded by a later line (published=0)"]
    assert rejected[-1][:3] == ["", "", ""]
    assert "no training could be read" in rejected[-1][3]
    assert current_generation(state) is None


def test_report_that_cannot_be_written_does_not_undo_the_import(
    tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command("--data", write_data(tmp_path / "data"), "--state", state, "--report", tmp_path)

    assert "rejected rows could not be written" in capsys.readouterr().err
    assert current_generation(state) is not None


def test_command_fails_with_a_plain_message(tmp_path: Path, state: Path) -> None:
    with pytest.raises(SystemExit, match=r"nothing has changed: .*communes.csv: no such file"):
        command("--data", tmp_path, "--state", state)


@pytest.mark.parametrize(
    "arguments", [[], ["--state", "s"], ["--data", "d", "--rollback", "--state", "s"], ["--data"]]
)
def test_command_says_how_it_is_used(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command(*arguments)

    assert "usage:" in capsys.readouterr().err


def test_command_needs_a_place_to_load_to(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="--state is needed, or CATALOGUE_ELASTICSEARCH_URL"):
        command("--data", tmp_path)


def test_command_rolls_back_and_forth(
    tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="no previous generation"):
        command("--rollback", "--state", state)
    command("--data", write_data(tmp_path / "old", TEN), "--state", state)
    command("--data", write_data(tmp_path / "new", [*TEN, {"id": "new"}]), "--state", state)
    new = current_generation(state)

    command("--rollback", "--state", state)
    assert "rolled back: 10 trainings are served" in capsys.readouterr().err

    command("--rollback", "--state", state)
    assert "rolled back: 11 trainings are served" in capsys.readouterr().err
    assert current_generation(state) == new


def test_cluster_named_in_the_environment_is_loaded_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing listens there: that it is told of shows where the import would have gone.
    monkeypatch.setenv("CATALOGUE_ELASTICSEARCH_URL", "http://127.0.0.1:1")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SystemExit, match=r"import failed, nothing has changed: .*Elasticsearch"):
        command("--data", write_data(tmp_path / "data"))

    assert "Elasticsearch" in rows_of(tmp_path / REJECTED)[-1][3]


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


def test_killed_import_leaves_the_old_one_serving_and_is_cleaned_up_by_the_next(
    tmp_path: Path, state: Path
) -> None:
    command("--data", write_data(tmp_path / "old"), "--state", state)
    old = current_generation(state)
    many = write_data(tmp_path / "many", [{"id": str(number)} for number in range(4_000)])
    arguments = ["--data", str(many), "--state", str(state)]

    importing = subprocess.Popen([*_COMMAND, *arguments], cwd=ROOT, stderr=subprocess.DEVNULL)
    while not list(state.glob("gen-*.unfinished/index/*")):
        assert importing.poll() is None, "the import ended before it could be killed"
    importing.kill()

    assert importing.wait() == -signal.SIGKILL
    assert current_generation(state) == old
    assert len(list(state.glob("gen-*"))) == 2

    command(*arguments)

    assert not list(state.glob("*.unfinished"))
    assert generations(state) == {old, current_generation(state)}


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
        *_COMMAND, "--data", data, "--state", state, cwd=ROOT, stderr=subprocess.DEVNULL
    )
    assert await process.wait() == 0


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
