"""Supervises processes: restarts them when they die, and stops them in order at the end."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.child import Child
from deploy.local.logs import Log, last_words

MIN_DELAY_S = 0.2
MAX_DELAY_S = 10.0
STABLE_S = 30.0
"""After a run of this length the back-off starts again from MIN_DELAY_S."""


@dataclass(frozen=True)
class Process:
    """A command to supervise."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    """Where its output goes; see `logs.py`."""
    tier: int = 0
    """The highest tier stops first, so a process may only depend on its own and lower tiers."""
    grace_s: float = 8.0
    death_signal: signal.Signals = signal.SIGKILL
    """The signal that it gets if the supervisor is killed."""
    reason: Callable[[Path], str] = last_words
    """Why it ended, from its log; empty when the log does not say."""


class Supervisor:
    """Runs processes until `stop` is called. `notify` receives the lines for the terminal."""

    def __init__(self, notify: Callable[[str], None]) -> None:
        self._notify = notify
        self._processes: dict[str, Process] = {}
        self._children: dict[str, Child] = {}
        self._logs: dict[str, Log] = {}
        self._monitors: dict[str, asyncio.Task[None]] = {}

    def start(self, processes: Iterable[Process]) -> None:
        """Start them without waiting. Each is restarted whenever it ends, with exponential back-off."""
        for process in processes:
            self._logs[process.name] = Log(process.log, self._notify)
            self._processes[process.name] = process
            self._spawn(process)
            self._monitors[process.name] = asyncio.create_task(self._monitor(process))

    def liveness_check(self, name: str) -> Callable[[], bool]:
        """A function that says whether the present process of this name runs; a restart does not count."""
        child = self._children[name]
        return lambda: child.running

    def drain(self, name: str) -> None:
        """Wait until the log of a process that ended is whole."""
        self._logs[name].drain()

    def pids(self) -> dict[str, int]:
        return {name: child.pid for name, child in self._children.items() if child.running}

    async def stop(self) -> None:
        """Stop everything, tier by tier; nothing runs when this returns."""
        for monitor in self._monitors.values():
            monitor.cancel()
        for tier in sorted({process.tier for process in self._processes.values()}, reverse=True):
            await asyncio.gather(
                *(
                    self._children[process.name].stop(process.grace_s)
                    for process in self._processes.values()
                    if process.tier == tier
                )
            )
        await asyncio.gather(*self._monitors.values(), return_exceptions=True)
        await asyncio.gather(*(asyncio.to_thread(log.close) for log in self._logs.values()))

    def kill(self) -> None:
        """Send SIGKILL to every process at once."""
        for child in self._children.values():
            child.kill()

    def _spawn(self, process: Process) -> Child:
        with self._logs[process.name].writing_end() as output:
            child = Child(process.command, process.env, output, process.death_signal)
        self._children[process.name] = child
        return child

    async def _monitor(self, process: Process) -> None:
        child, delay_s = self._children[process.name], MIN_DELAY_S
        while True:
            began = time.monotonic()
            code = await child.wait()
            if time.monotonic() - began >= STABLE_S:
                delay_s = MIN_DELAY_S
            await asyncio.to_thread(self._logs[process.name].drain)
            line = process.reason(process.log)
            self._notify(
                f"{process.name} ended ({exit_reason(code)}), restarted in {delay_s:g} s"
                + (f": {line}" if line else "")
                + f"  [{process.log}]"
            )
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, MAX_DELAY_S)
            child = self._spawn(process)


def exit_reason(code: int) -> str:
    """An exit code as text: "code 1", or the name of the signal."""
    return f"code {code}" if code >= 0 else signal.Signals(-code).name
