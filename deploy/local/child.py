"""Child processes that the system ends when this process dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO

REPOSITORY = Path(__file__).parents[2]

# Asks Linux to send a signal when the parent dies (PR_SET_PDEATHSIG = 1), then executes the command:
# https://man7.org/linux/man-pages/man2/prctl.2.html
# The parent may die before that call, so its id is compared afterwards. A separate interpreter does this:
# `preexec_fn` would run between fork and exec, which is unsafe in a process with threads (gRPC has some).
_LAUNCHER = """
import ctypes, os, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, int(sys.argv[2]))
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[3], sys.argv[3:])
"""


def _launcher(death_signal: signal.Signals) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), str(int(death_signal))]


class Child:
    """A running command.

    Create it in the main thread: Linux sends the death signal when the creating *thread* ends.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        output: IO[bytes] | None = None,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = self._loop.create_future()
        self._popen = subprocess.Popen(
            [*_launcher(death_signal), *command],
            env=dict(env),
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # In its own session the child gets no Ctrl-C: the supervisor stops the processes in order. macOS
            # has no death signal, so there the child stays in the terminal's group and ends with it.
            start_new_session=sys.platform == "linux",
        )
        threading.Thread(target=self._watch, name=f"wait for {self.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def running(self) -> bool:
        return not self._ended.done()

    async def wait(self) -> int:
        """Its exit code, or minus the number of the signal that ended it."""
        return await asyncio.shield(self._ended)

    async def stop(self, grace_s: float) -> None:
        """Send SIGTERM, then SIGKILL if it still runs after `grace_s`."""
        self._send(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.wait(), grace_s)
        except TimeoutError:
            self.kill()
            await self.wait()

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.running:
            # Popen.send_signal does nothing once the process has been waited for.
            self._popen.send_signal(number)

    def _watch(self) -> None:
        code = self._popen.wait()
        self._loop.call_soon_threadsafe(self._ended.set_result, code)


def spawn(
    words: Sequence[str], env: Mapping[str, str] | None = None, log: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a command in its own session, which Ctrl-C does not reach. Its output is appended to the log.

    The system ends it if this process dies. Linux sends the death signal when the creating *thread*
    ends, so a thread of its own creates the child and waits for it: any thread may call this function.
    """
    started: Future[subprocess.Popen[bytes]] = Future()

    def start_and_wait() -> None:
        try:
            with (log or Path(os.devnull)).open("ab") as output:
                process = subprocess.Popen(
                    [*_launcher(signal.SIGTERM), *words],
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
        except OSError as error:
            started.set_exception(error)
            return
        started.set_result(process)
        process.wait()

    threading.Thread(target=start_and_wait, name=Path(words[0]).name, daemon=True).start()
    return started.result()


def rotate(log: Path) -> None:
    """Rename the log of the last run to `name.log.1`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
