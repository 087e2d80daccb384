from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from services.catalogue.formation import FormationCriteria, PageWanted
from services.catalogue.load import FICTIVE_SOURCE, REAL_SOURCE, REPORT, load, main
from services.catalogue.tables import read_tables
from services.catalogue.tantivy_store import TantivyFormationStore
from services.common.generation import current_generation
from services.common.report import ImportConsole
from services.common.table import BadFile
from tests.services.catalogue.conftest import TODAY
from tests.services.catalogue.small_france import served_id, write_data

KEY = served_id("24_1")


def _truncate_gzip(data: Path) -> None:
    path = data / "formations.csv"
    whole = gzip.compress(path.read_bytes() * 50)
    path.unlink()
    (data / "formations.csv.gz").write_bytes(whole[: len(whole) // 2])


def _cut_a_row(data: Path) -> None:
    path = data / "formations.csv"
    path.write_bytes(path.read_bytes()[:-40])


def _drop_a_column(data: Path) -> None:
    path = data / "communes.csv"
    path.write_text(path.read_text().replace("code_insee", "insee"))


def _not_utf8(data: Path) -> None:
    path = data / "romes.csv"
    path.write_bytes(path.read_text().encode("latin-1"))


def _remove(data: Path) -> None:
    (data / "rncp.csv").unlink()


def _break_json(data: Path) -> None:
    (data / "domaines_metiers.json").write_text('[{"sous_domaine": "x"')


def _reshape_json(data: Path) -> None:
    (data / "domaines_metiers.json").write_text('{"sous_domaine": "x"}')


@pytest.mark.parametrize(
    "damage",
    [_truncate_gzip, _cut_a_row, _drop_a_column, _not_utf8, _remove, _break_json, _reshape_json],
)
def test_damaged_file_is_refused_and_nothing_changes(
    tmp_path: Path, quiet: ImportConsole, damage: Callable[[Path], None]
) -> None:
    data, state = write_data(tmp_path / "data"), tmp_path / "state"
    load(data, state, fictive=False, today=TODAY, console=quiet)
    before = current_generation(state)
    damage(data)

    with pytest.raises(BadFile):
        load(data, state, fictive=False, today=TODAY, console=quiet)

    assert current_generation(state) == before
    assert [each.resolve() for each in state.glob("gen-*")] == [before]


async def test_generation_holds_the_rows_and_the_report(tmp_path: Path, quiet: ImportConsole) -> None:
    data, state = write_data(tmp_path / "data", [{}, {"published": "0"}]), tmp_path / "state"

    load(data, state, fictive=False, today=TODAY, console=quiet)

    folder = current_generation(state)
    assert folder is not None
    page = await TantivyFormationStore.open(folder).search(FormationCriteria(), PageWanted(5))
    assert [(row.formation.source, row.formation.fictive) for row in page.rows] == [(REAL_SOURCE, False)]
    assert len(read_tables(folder).romes) == 5
    reports = {each["table"]: each for each in orjson.loads((folder / REPORT).read_bytes())}
    assert reports["formations"] == {
        "table": "formations",
        "read": 2,
        "accepted": 1,
        "corrected": {},
        "rejected": {"superseded by a later line (published=0)": 1},
    }


async def test_fictive_rows_say_so(tmp_path: Path, quiet: ImportConsole) -> None:
    state = tmp_path / "state"

    load(write_data(tmp_path / "data"), state, fictive=True, today=TODAY, console=quiet)

    folder = current_generation(state)
    assert folder is not None
    row = (await TantivyFormationStore.open(folder).by_ids([KEY]))[KEY]
    assert row.fictive
    assert row.source == FICTIVE_SOURCE


def test_command_prints_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--data", str(write_data(tmp_path / "data")), "--state", str(tmp_path / "state"), "--fictive"])

    printed = capsys.readouterr().err
    assert "formations: 1 read, 1 accepted, 0 rejected" in printed
    assert "catalogue loaded in" in printed


def test_command_fails_with_a_plain_message(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"nothing has changed: .*communes.csv: no such file"):
        main(["--data", str(tmp_path), "--state", str(tmp_path / "state")])


def test_demonstration_set_is_imported_without_a_correction_but_dates(
    demonstration: Path, tmp_path: Path, quiet: ImportConsole
) -> None:
    reports = load(demonstration, tmp_path / "state", fictive=True, today=TODAY, console=quiet)

    assert all(report.accepted for report in reports)
    corrected = {reason for report in reports for reason in report.corrected}
    assert corrected <= {"past sessions shifted by whole years to the first to come"}


def test_real_data_is_imported(real_data: Path, tmp_path: Path, quiet: ImportConsole) -> None:
    reports = load(real_data, tmp_path / "state", fictive=False, today=TODAY, console=quiet)

    formations = next(report for report in reports if report.table == "formations")
    assert formations.read == 31_471
    assert formations.accepted > 13_000
    assert formations.read == formations.accepted + sum(formations.rejected.values())
