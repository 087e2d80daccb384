"""Logs of processes that write a lot; starts some."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.logs import Log, last_words
from deploy.local.processes import Process, Supervisor
from tests.support.waiting import wait_for_text

pytestmark = pytest.mark.server

TALKER = "import sys\nfor n in range({lines}): print(n, 'é' * (n % 90))\nprint('all said', flush=True)\n"


def _texts(log: Path, files: int) -> list[str]:
    """The texts of the files of a log, the oldest first."""
    return [log.with_name(f"{log.name}.{number}").read_text() for number in range(files - 1, 0, -1)] + [
        log.read_text()
    ]


@contextmanager
def _log(path: Path, max_bytes: int, kept: int) -> Iterator[tuple[Log, list[str]]]:
    said: list[str] = []
    log = Log(path, said.append, max_bytes, kept)
    yield log, said
    log.close()


def _write(log: Log, content: bytes) -> None:
    with log.writing_end() as end:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)",
            ],
            stdin=subprocess.PIPE,
            stdout=end,
        )
    process.communicate(content)
    log.drain()


def test_no_line_is_lost_nor_cut_where_a_file_ends(tmp_path: Path) -> None:
    path = tmp_path / "talker.log"
    lines = [f"{number} {'é' * (number % 90)}\n" for number in range(3000)]

    with _log(path, 50_000, 20) as (log, _):
        _write(log, "".join(lines).encode())

    files = len(list(tmp_path.iterdir()))
    texts = _texts(path, files)
    assert files > 3
    assert "".join(texts) == "".join(lines)
    assert all(text.endswith("\n") for text in texts)
    assert max(len(text) for text in texts) <= 50_000


def test_the_newest_files_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "talker.log"

    with _log(path, 10_000, 2) as (log, _):
        _write(log, b"".join(b"%d\n" % number for number in range(20_000)))

    assert {each.name for each in tmp_path.iterdir()} == {"talker.log", "talker.log.1", "talker.log.2"}
    kept = "".join(_texts(path, 3)).splitlines()
    assert kept == [str(number) for number in range(int(kept[0]), 20_000)]


@given(st.binary(max_size=200))
def test_any_bytes_are_kept_as_text(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "any.log"
        with _log(path, 1000, 1) as (log, _), log.writing_end() as end:
            end.write(content)

        written = path.read_bytes() if path.exists() else b""

    assert written.decode() == content.decode(errors="backslashreplace")


async def test_log_of_a_supervised_process_is_whole_once_it_ends(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    path = tmp_path / "talker.log"
    command = (sys.executable, "-c", TALKER.format(lines=5000))

    supervisor.start([Process("talker", command, dict(os.environ), path)])
    wait_for_text(path, "all said")
    await supervisor.stop()

    first_run = path.read_text().partition("all said")[0]
    assert first_run == "".join(f"{number} {'é' * (number % 90)}\n" for number in range(5000))


def test_file_that_cannot_be_written_is_said_once_and_the_process_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "talker.log"

    with _log(path, 1000, 2) as (log, said):
        path.mkdir()
        _write(log, b"lost\n" * 50_000)
        path.rmdir()
        _write(log, b"kept\n")
        path.unlink()

    assert len(said) == 1
    assert said[0].startswith(f"{path} can't be written, its lines are lost: ")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (
            ['{"event": "health changed", "level": "warning", "reason": "no answer"}', '{"event": "rpc"}'],
            "health changed: no answer",
        ),
        (['{"event": "rpc"}', "Traceback", "ValueError: no"], "ValueError: no"),
        (['{"s": "E", "msg": "disk full"}', '{"s": "I", "msg": "bye"}'], "disk full"),
        (
            ['{"event": "catalogue not renewed", "level": "warning", "reason": "r", "cause": "F: c"}'],
            "catalogue not renewed: r: F: c",
        ),
    ],
)
def test_last_words_tell_of_the_failure(lines: list[str], words: str, tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text("\n".join(lines))

    assert last_words(tmp_path / "x.log") == words


def test_last_words_are_found_just_after_a_new_file_began(tmp_path: Path) -> None:
    (tmp_path / "x.log.1").write_text("out of luck\n")
    (tmp_path / "x.log").write_text("")

    assert last_words(tmp_path / "x.log") == "out of luck"
