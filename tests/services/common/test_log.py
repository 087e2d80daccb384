from __future__ import annotations

import asyncio
import logging
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from services.common.log import request_id
from tests.support.logs import LogLines
from tests.support.repository import REPOSITORY

PROGRAM = """
import structlog
from services.common.log import configure_logging
configure_logging("essai", "info")
log = structlog.get_logger("services.essai")
log.info("ready", port=1)
try:
    raise ValueError("broken é")
except ValueError:
    log.exception("unexpected error")
"""


def test_line_is_a_json_object(log_lines: LogLines) -> None:
    log = structlog.get_logger("services.essai")

    log.info("rows read", count=3, zone={"commune": "Évry"}, path=Path("/tmp"))  # noqa: S108 - not opened

    (line,) = log_lines()
    written = datetime.fromisoformat(line.pop("timestamp"))
    assert abs((datetime.now(UTC) - written).total_seconds()) < 60
    assert line == {
        "event": "rows read",
        "level": "info",
        "process": "essai",
        "count": 3,
        "zone": {"commune": "Évry"},
        "path": "/tmp",  # noqa: S108 - not opened
    }


def test_text_with_ends_of_line_stays_on_one_line(log_lines: LogLines) -> None:
    structlog.get_logger("services.essai").warning("a\nb", field='{"event":\r\n"forged"}')

    assert [line["event"] for line in log_lines()] == ["a\nb"]


async def test_request_id_is_on_the_lines_of_its_request_alone(log_lines: LogLines) -> None:
    log = structlog.get_logger("services.essai")

    async def serve(number: int) -> None:
        request_id.set(f"r-{number}")
        await asyncio.to_thread(log.info, "in a thread", number=number)
        log.info("served", number=number)

    await asyncio.gather(serve(1), serve(2))
    log.info("outside")

    lines = log_lines()
    assert [line.get("request_id") for line in lines if line["event"] == "outside"] == [None]
    served = [line for line in lines if line["event"] != "outside"]
    assert len(served) == 4
    assert all(line["request_id"] == f"r-{line['number']}" for line in served)


def test_level_keeps_less_severe_lines_out(log_lines: LogLines) -> None:
    log = structlog.get_logger("services.essai")

    log.debug("details")
    log.info("news")

    assert [line["event"] for line in log_lines()] == ["news"]


def test_libraries_speak_up_only_when_something_is_wrong(log_lines: LogLines) -> None:
    library = logging.getLogger("some.library")

    library.info("chatter")
    library.warning("pool %s is full", "p1")
    library.error("oops", exc_info=ValueError("broken"))

    warning, error = log_lines()
    assert (warning["event"], warning["level"], warning["process"]) == ("pool p1 is full", "warning", "essai")
    assert (error["event"], error["level"]) == ("oops", "error")
    assert error["exception"].endswith("ValueError: broken")


@pytest.mark.server
def test_configuring_again_doubles_no_line() -> None:
    again = 'from services.common.log import configure_logging\nconfigure_logging("essai", "info")\n'
    ran = subprocess.run(
        [sys.executable, "-c", again + PROGRAM], cwd=REPOSITORY, stderr=subprocess.PIPE, text=True, check=True
    )

    assert len(ran.stderr.splitlines()) == 2


@pytest.mark.server
def test_exception_is_one_line_outside_a_terminal() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout == ""
    ready, error = ran.stderr.splitlines()
    assert '"event":"ready"' in ready
    assert "ValueError: broken é" in error


@pytest.mark.server
def test_terminal_gets_lines_for_people_with_the_trace() -> None:
    ours, theirs = pty.openpty()
    program = subprocess.Popen([sys.executable, "-W", "error", "-c", PROGRAM], cwd=REPOSITORY, stderr=theirs)
    os.close(theirs)
    with program:
        text = _read_to_end(ours)

    assert program.returncode == 0
    assert "ready" in text
    assert text.count("ValueError: broken é") == 1
    assert "{" not in text


def _read_to_end(terminal: int) -> str:
    chunks = []
    with os.fdopen(terminal, "rb", buffering=0) as stream:
        while True:
            try:
                chunk = stream.read(4096)
            except OSError:  # Linux raises this error when the other end is closed.
                break
            if not chunk:
                break
            chunks.append(chunk)
    return b"".join(chunks).decode()
