from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from services.catalogue.importing.destination import REJECTED
from services.common.generation import current_generation
from tests.support.catalogue.loading import COMMAND, command, generations, rows_of
from tests.support.catalogue.small_france import write_data
from tests.support.repository import REPOSITORY

TEN = [{"id": str(number)} for number in range(10)]


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

    with pytest.raises(SystemExit, match="no ROME code or no training could be read"):
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
    # Nothing listens there. The error names the cluster, which shows that the import used it.
    monkeypatch.setenv("CATALOGUE_ELASTICSEARCH_URL", "http://127.0.0.1:1")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SystemExit, match=r"import failed, nothing has changed: .*Elasticsearch"):
        command("--data", write_data(tmp_path / "data"))

    assert "Elasticsearch" in rows_of(tmp_path / REJECTED)[-1][3]


@pytest.mark.server
def test_killed_import_leaves_the_old_one_serving_and_is_cleaned_up_by_the_next(
    tmp_path: Path, state: Path
) -> None:
    command("--data", write_data(tmp_path / "old"), "--state", state)
    old = current_generation(state)
    many = write_data(tmp_path / "many", [{"id": str(number)} for number in range(4_000)])
    arguments = ["--data", str(many), "--state", str(state)]

    importing = subprocess.Popen([*COMMAND, *arguments], cwd=REPOSITORY, stderr=subprocess.DEVNULL)
    while not list(state.glob("gen-*.unfinished/index/*")):
        assert importing.poll() is None, "the import ended before it could be killed"
    importing.kill()

    assert importing.wait() == -signal.SIGKILL
    assert current_generation(state) == old
    assert len(list(state.glob("gen-*"))) == 2

    command(*arguments)

    assert not list(state.glob("*.unfinished"))
    assert generations(state) == {old, current_generation(state)}
