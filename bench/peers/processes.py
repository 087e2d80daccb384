"""Runs processes pinned to one core, and measures their CPU time and memory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

STOP_LIMIT_S = 10


class PeerUnavailable(Exception):
    """A peer can't be measured on this machine; the message says why."""


@dataclass(frozen=True)
class Cores:
    """The core of the measured gateway, and the core of the load generator and the services."""

    gateway: int
    load: int


@dataclass(frozen=True)
class Usage:
    """CPU time since the start and present memory, of a process and its children."""

    cpu_s: float
    rss_mb: float


def two_cores() -> Cores:
    cores = sorted(psutil.Process().cpu_affinity())
    if len(cores) < 2:
        sys.exit("bench.peers needs two cores: one for the gateway, one for the load")
    return Cores(cores[0], cores[1])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def pinned(core: int, command: Sequence[str]) -> list[str]:
    return ["taskset", "--cpu-list", str(core), *command]


@contextmanager
def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[psutil.Process]:
    """Run the command during the block; afterwards it and its children have ended."""
    with log.open("wb") as terminal:
        # In its own session it gets no Ctrl-C: we stop it ourselves.
        started = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
        try:
            yield psutil.Process(started.pid)
        finally:
            _stop(started.pid)
            started.wait()


def usage(process: psutil.Process) -> Usage:
    tree = [process, *process.children(recursive=True)]
    times = [each.cpu_times() for each in tree]
    return Usage(
        sum(each.user + each.system for each in times),
        sum(each.memory_info().rss for each in tree) / 1_000_000,
    )


def _stop(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        tree = [*process.children(recursive=True), process]
        _call_all(tree, "terminate")
        _, alive = psutil.wait_procs(tree, STOP_LIMIT_S)
        _call_all(alive, "kill")


def _call_all(processes: Sequence[psutil.Process], method: str) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            getattr(process, method)()
