from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from deploy.local.logs import last_words
from deploy.local.processes import Process, Supervisor
from tests.support.waiting import wait_for_text

pytestmark = pytest.mark.server

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('deaf', flush=True); time.sleep(60)"
)
SLEEPER = "import time; print('up', flush=True); time.sleep(60)"


def _process(folder: Path, name: str, code: str, tier: int = 0, grace_s: float = 5.0) -> Process:
    command = (sys.executable, "-c", code)
    return Process(name, command, dict(os.environ), folder / f"{name}.log", tier, grace_s)


async def _until_logged(log: Path, text: str) -> None:
    await asyncio.to_thread(wait_for_text, log, text)


async def test_dying_process_is_restarted_and_reported_with_its_last_words(tmp_path: Path) -> None:
    notified: list[str] = []
    restarted = asyncio.Event()

    def tell(line: str) -> None:
        notified.append(line)
        if len(notified) == 2:
            restarted.set()

    supervisor = Supervisor(tell)

    supervisor.start(
        [_process(tmp_path, "frail", "print('first'); print('out of luck'); raise SystemExit(3)")]
    )
    async with asyncio.timeout(30):
        await restarted.wait()
    await supervisor.stop()

    assert notified[0].startswith("frail ended (code 3), restarted in 0.2 s: out of luck")
    assert notified[1].startswith("frail ended (code 3), restarted in 0.4 s: out of luck")


async def test_killed_process_is_reported_by_its_signal(tmp_path: Path) -> None:
    notified: asyncio.Queue[str] = asyncio.Queue()
    supervisor = Supervisor(notified.put_nowait)
    supervisor.start([_process(tmp_path, "sleeper", SLEEPER)])
    await _until_logged(tmp_path / "sleeper.log", "up")

    os.kill(supervisor.pids()["sleeper"], signal.SIGKILL)
    async with asyncio.timeout(30):
        line = await notified.get()
    await supervisor.stop()

    assert line.startswith("sleeper ended (SIGKILL), restarted in 0.2 s")


async def test_stop_ends_the_highest_tier_first(tmp_path: Path) -> None:
    ends = tmp_path / "ends"
    code = (
        "import pathlib, signal, sys, time\n"
        f"def end(*_): pathlib.Path({str(ends)!r}).open('a').write(sys.argv[1] + ' '); raise SystemExit\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True); time.sleep(60)"
    )
    supervisor = Supervisor(lambda _: None)
    for tier in (0, 2, 1):
        process = _process(tmp_path, f"tier{tier}", code, tier)
        supervisor.start([Process(**{**vars(process), "command": (*process.command, f"tier{tier}")})])
    for tier in (0, 1, 2):
        await _until_logged(tmp_path / f"tier{tier}.log", "up")

    await supervisor.stop()

    assert ends.read_text().split() == ["tier2", "tier1", "tier0"]


async def test_deaf_process_is_killed_after_its_grace(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda _: None)
    supervisor.start([_process(tmp_path, "deaf", STUBBORN, grace_s=0.1)])
    await _until_logged(tmp_path / "deaf.log", "deaf")
    pid = supervisor.pids()["deaf"]

    await supervisor.stop()

    assert not psutil.pid_exists(pid)
    assert supervisor.pids() == {}


async def test_stop_while_a_restart_is_awaited_starts_nothing(tmp_path: Path) -> None:
    died = asyncio.Event()
    supervisor = Supervisor(lambda _: died.set())
    supervisor.start([_process(tmp_path, "frail", "raise SystemExit(1)")])
    async with asyncio.timeout(30):
        await died.wait()

    await supervisor.stop()

    assert supervisor.pids() == {}


async def test_log_of_the_last_run_is_kept(tmp_path: Path) -> None:
    for word in ("before", "now"):
        supervisor = Supervisor(lambda _: None)
        supervisor.start([_process(tmp_path, "talker", SLEEPER.replace("up", word))])
        await _until_logged(tmp_path / "talker.log", word)
        await supervisor.stop()

    assert (tmp_path / "talker.log").read_text() == "now\n"
    assert (tmp_path / "talker.log.1").read_text() == "before\n"


@pytest.mark.parametrize(
    ("last", "short"),
    [
        ('{"event": "store lost", "level": "error"}', "store lost"),
        ('{"s": "I", "msg": "Shutting down"}', "Shutting down"),
        ('{"level": "error"}', '{"level": "error"}'),
        ("[1]", "[1]"),
        ("ValueError: no", "ValueError: no"),
        ("x" * 1000, "x" * 300),
    ],
)
def test_last_line_of_a_log_is_short(last: str, short: str, tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(f'{{"event": "first"}}\n{last}\n\n')

    assert last_words(log) == short


def test_last_line_of_nothing_is_empty(tmp_path: Path) -> None:
    assert last_words(tmp_path / "none.log") == ""
