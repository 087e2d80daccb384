from __future__ import annotations

import json
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.local_copy import NAMES, Run, make_copy
from tests.support.mongo import free_port

pytestmark = pytest.mark.server

Start = Callable[..., Run]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return make_copy(tmp_path / "copy")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def start(copy: Path, state: Path) -> Iterator[Start]:
    runs: list[Run] = []

    def started(*words: str, port: int | None = None, **variables: str) -> Run:
        runs.append(Run(copy, state, port or free_port(), *words, **variables))
        return runs[-1]

    yield started
    for run in runs:
        run.end()
        run.wait_until_nothing_is_left()


def test_sigterm_stops_everything_and_the_second_start_does_not_import(start: Start, state: Path) -> None:
    first = start()
    said = first.wait_until_ready()

    assert said.index("== catalogue") < said.index("loading catalogue") < said.index("== rdv")
    assert "demonstration" in said
    assert len(first.processes()) == 1 + len(NAMES)
    assert first.end() == 0
    assert first.processes() == []

    second = start()

    assert "loading" not in second.wait_until_ready()
    assert second.end(signal.SIGINT) == 0
    assert second.processes() == []
    assert set(json.loads((state / "addresses.json").read_text())) >= set(NAMES)


def test_service_that_dies_is_restarted_and_named(start: Start) -> None:
    run = start()
    run.wait_until_ready()
    (victim,) = run.of("services.prediction")

    victim.kill()
    said = run.wait_for("prediction ended (SIGKILL), restarted in 0.2 s: up")

    assert "logs/prediction.log" in said.splitlines()[-1]


@pytest.mark.slow
def test_process_that_does_not_serve_is_named_with_its_last_words_and_all_is_stopped(start: Start) -> None:
    run = start("--patience", "1", LATE="matcha")

    assert run.code() == 1
    said = run.output.read_text()
    assert "not ready after 1 s, stopped" in said
    assert "  matcha: up" in said
    assert "jobs: " not in said
    assert run.processes() == []


@pytest.mark.slow
def test_gateway_that_does_not_answer_is_named(start: Start, copy: Path) -> None:
    (copy / "gateway" / "__main__.py").write_text("import time\nprint('thinking')\ntime.sleep(60)\n")
    run = start("--patience", "1")

    assert run.code() == 1
    assert "  gateway: thinking" in run.output.read_text()


def test_death_of_the_supervisor_leaves_nothing(start: Start) -> None:
    run = start()
    run.wait_until_ready()

    run.end(signal.SIGKILL)

    run.wait_until_nothing_is_left()


def test_taken_port_is_named_and_nothing_is_started(start: Start, state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        run = start("--data", "/nowhere", port=port)
        code = run.code()

    said = run.output.read_text()
    assert code == 1
    assert f"port {port} is taken" in said
    assert f"PORT={port + 1}" in said
    assert "/nowhere is not a folder (DATA=)" in said
    assert not (state / "logs").exists()


def test_second_run_on_one_state_is_refused_with_the_pid_of_the_first(start: Start) -> None:
    first = start()
    first.wait_until_ready()

    second = start()

    assert second.code() == 1
    assert f"in use by the process {first.process.pid}" in second.output.read_text()
    assert len(first.processes()) == 1 + len(NAMES)


def test_sigterm_during_the_import_leaves_nothing(start: Start) -> None:
    run = start(HANGS="prediction")
    run.wait_for("loading prediction")

    assert run.end() == 1
    assert "stopped before the end of the start-up" in run.output.read_text()
    assert run.processes() == []
    assert "loading prediction" in start("--import-only").wait_for("the data is loaded")


@pytest.mark.slow
def test_lost_database_is_said_and_imported_again(start: Start, state: Path) -> None:
    assert start("--import-only").code() == 0
    shutil.rmtree(state / "mongodb")

    run = start("--import-only")

    assert run.code() == 0
    said = run.output.read_text()
    assert f"{state / 'mongodb'}: empty or missing: matcha is imported again" in said
    assert f"{state / 'mongodb'}: empty or missing: rdv is imported again" in said
    assert "loading rdv" in said
    assert "loading catalogue" not in said


@pytest.mark.slow
@pytest.mark.parametrize("name", ["logs", "reports", "demonstration", "catalogue", "jobs"])
def test_file_instead_of_a_folder_is_said_and_set_aside(name: str, start: Start, state: Path) -> None:
    state.mkdir()
    (state / name).write_text("what was there")

    run = start("--import-only")

    assert run.code() == 0
    assert f"{state / name}: a file instead of a folder; it is made again" in run.output.read_text()
    assert (state / f"{name}.damaged").read_text() == "what was there"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["loaded.json", "addresses.json", "logs/jobs.log", "demonstration/naf.csv"])
def test_folder_instead_of_a_file_is_said_and_set_aside(name: str, start: Start, state: Path) -> None:
    (state / name).mkdir(parents=True)

    run = start()

    run.wait_until_ready()
    assert f"{state / name}: a folder instead of a file; it is made again" in run.output.read_text()
    assert (state / name).is_file()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mongodb", "a file instead of the folder of appointments and needs: restore it from a copy"),
        ("secrets.json", "can't be read: remove it to have new secrets made"),
        ("lock", "Is a directory (STATE=)"),
        ("secrets.json.partial", "Is a directory (STATE=)"),
    ],
)
def test_what_nothing_can_make_again_is_refused_and_left(
    name: str, said: str, start: Start, state: Path
) -> None:
    state.mkdir()
    if name == "mongodb":
        (state / name).write_text("what was there")
    else:
        (state / name).mkdir()

    run = start("--import-only")

    assert run.code() == 1
    (line,) = run.output.read_text().splitlines()[-1:]
    assert str(state / name) in line
    assert said in line
    assert "Traceback" not in run.output.read_text()
    assert (state / name).exists()


def test_death_during_the_import_leaves_nothing(start: Start) -> None:
    run = start(HANGS="matcha")
    run.wait_for("loading matcha")

    run.end(signal.SIGKILL)

    run.wait_until_nothing_is_left()


def test_failed_import_is_said_and_only_what_is_left_runs_again(start: Start) -> None:
    failed = start("--import-only", FAILS="matcha")

    assert failed.code() == 1
    assert "the import of matcha failed (code 7)" in failed.output.read_text()
    assert failed.processes() == []

    mended = start("--import-only")

    said = mended.wait_for("the data is loaded")
    assert mended.code() == 0
    assert "loading matcha" in said
    assert "loading rdv" in said
    assert "loading catalogue" not in said


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8e3"])
def test_port_that_is_none_is_refused(port: str, copy: Path, state: Path) -> None:
    state.parent.mkdir(exist_ok=True)
    run = Run(copy, state, 1, "--port", port)

    assert run.code() == 2
    assert "is not a port" in run.output.read_text()
