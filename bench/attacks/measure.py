"""Measures what each attack costs the gateway and the services, and what an honest client notices.

    python -m bench.attacks [--data DIR] [--seconds 6] [NAME ...]

The limits are the default ones. The honest client searches for something else each time, from another
address. CPU is that of the processes in seconds per second of attack. The load comes from the same machine,
so compare only figures of one run.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import psutil
from rich.console import Console
from rich.table import Table

from bench.attacks.attacks import ATTACKS, Attacker
from bench.support.probe import Plan, probing
from bench.support.searches import different_searches
from bench.support.system import System, started

_HONEST = "127.0.0.2"
_PAUSE_S = 2.0

Attack = Callable[[Attacker], Awaitable[None]]


@dataclass(frozen=True)
class Result:
    """One attack."""

    name: str
    honest_ms: list[float]
    cpu: dict[str, float]
    """CPU seconds in each second, by process."""
    answers: Counter[str]

    def row(self, quiet_ms: float) -> list[str]:
        p50 = statistics.median(self.honest_ms) if self.honest_ms else float("nan")
        services = sum(cpu for name, cpu in self.cpu.items() if name != "gateway")
        told = ", ".join(f"{count} × {answer}" for answer, count in self.answers.most_common(3))
        return [
            self.name.replace("_", " "),
            f"{p50:.0f}",
            f"{p50 / quiet_ms:.1f}",
            f"{self.cpu['gateway']:.2f}",
            f"{services:.2f}",
            told,
        ]


def main() -> None:
    names = [attack.__name__ for attack in ATTACKS]
    parser = argparse.ArgumentParser(prog="python -m bench.attacks", description=__doc__)
    parser.add_argument("--data", default="", help="folder of real data; the demonstration set without")
    parser.add_argument("--seconds", type=float, default=6.0, help="length of an attack")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names)}; all without")
    args = parser.parse_args()
    wanted = [attack for attack in ATTACKS if not args.names or attack.__name__ in args.names]
    with started(args.data, limited=True) as system:
        asyncio.run(_measure(system, args.seconds, wanted))


async def _measure(system: System, seconds: float, attacks: list[Attack]) -> None:
    await _attack(system, seconds, _nothing)
    quiet = await _attack(system, seconds, _nothing)
    quiet_ms = statistics.median(quiet.honest_ms)
    table = Table(title=f"p50 of an honest client: {quiet_ms:.0f} ms when nobody attacks")
    for name in ("attack", "p50 ms", "times quiet", "CPU gateway", "CPU services", "answers"):
        table.add_column(name)
    for attack in attacks:
        table.add_row(*(await _attack(system, seconds, attack)).row(quiet_ms))
        await asyncio.sleep(_PAUSE_S)
    Console(width=140).print(table)


async def _nothing(attacker: Attacker) -> None:
    await asyncio.sleep(attacker.ends_at - time.monotonic())


async def _attack(system: System, seconds: float, attack: Attack) -> Result:
    honest = Plan(f"{system.url}/graphql", different_searches()[:40], period_s=0.1, source=_HONEST)
    before, began = _cpu_s(system.process), time.monotonic()
    timeout = aiohttp.ClientTimeout(total=60)
    with probing(honest) as latencies_ms:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            attacker = Attacker(session, system.url, began + seconds)
            await attack(attacker)
    elapsed_s = time.monotonic() - began
    after = _cpu_s(system.process)
    cpu = defaultdict(float, {name: (after[name] - before.get(name, 0.0)) / elapsed_s for name in after})
    return Result(attack.__name__, latencies_ms, cpu, attacker.answers)


def _cpu_s(supervisor: subprocess.Popen[bytes] | None) -> dict[str, float]:
    """The CPU seconds so far of each process of the system, by its module."""
    assert supervisor is not None
    spent: dict[str, float] = defaultdict(float)
    for process in psutil.Process(supervisor.pid).children(recursive=True):
        command = process.cmdline()
        name = command[command.index("-m") + 1] if "-m" in command else process.name()
        times = process.cpu_times()
        spent[name] += times.user + times.system
    return spent
