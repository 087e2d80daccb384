"""Keeping processes alive: restarted when they die, stopped in order at the end."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.child import Child, last_line, rotate

MIN_DELAY_S = 0.2
MAX_DELAY_S = 10.0
STEADY_S = 30.0
"""A process that ran this long is restarted as if it had never failed."""


@dataclass(frozen=True)
class Process:
    """What to run, and how to end it."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    tier: int = 0
    """The highest tier is stopped first; nothing depends on the processes of a higher tier."""
    grace_s: float = 8.0
    death_signal: signal.Signals = signal.SIGKILL
    """What it gets if the supervisor itself is killed."""


class Supervisor:
    """Runs processes until told to stop. `tell` gets the lines meant for people."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._processes: dict[str, Process] = {}
        self._children: dict[str, Child] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}

    def start(self, processes: Iterable[Process]) -> None:
        """Start them, without waiting; each is restarted whenever it ends, slower and slower."""
        for process in processes:
            rotate(process.log)
            self._processes[process.name] = process
            self._spawn(process)
            self._keepers[process.name] = asyncio.create_task(self._keep(process))

    def lives(self, name: str) -> Callable[[], bool]:
        """Whether the process that runs now under this name still does; one started anew is another."""
        child = self._children[name]
        return lambda: child.running

    def pids(self) -> dict[str, int]:
        return {name: child.pid for name, child in self._children.items() if child.running}

    async def stop(self) -> None:
        """Stop everything, tier by tier; nothing runs when this returns."""
        for keeper in self._keepers.values():
            keeper.cancel()
        for tier in sorted({process.tier for process in self._processes.values()}, reverse=True):
            await asyncio.gather(
                *(
                    self._children[process.name].stop(process.grace_s)
                    for process in self._processes.values()
                    if process.tier == tier
                )
            )
        await asyncio.gather(*self._keepers.values(), return_exceptions=True)

    def kill(self) -> None:
        """End everything at once: the person at the keyboard is in a hurry."""
        for child in self._children.values():
            child.kill()

    def _spawn(self, process: Process) -> Child:
        with process.log.open("ab") as output:
            child = Child(process.command, process.env, output, process.death_signal)
        self._children[process.name] = child
        return child

    async def _keep(self, process: Process) -> None:
        child, delay_s = self._children[process.name], MIN_DELAY_S
        while True:
            began = time.monotonic()
            code = await child.wait()
            if time.monotonic() - began >= STEADY_S:
                delay_s = MIN_DELAY_S
            line = last_line(process.log)
            self._tell(
                f"{process.name} ended ({exit_reason(code)}), restarted in {delay_s:g} s"
                + (f": {line}" if line else "")
                + f"  [{process.log}]"
            )
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, MAX_DELAY_S)
            child = self._spawn(process)


def exit_reason(code: int) -> str:
    """An exit code in words."""
    return f"code {code}" if code >= 0 else signal.Signals(-code).name
