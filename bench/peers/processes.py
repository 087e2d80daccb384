"""Processes held to one core each, what they cost, and their end."""

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


class LeftOut(Exception):
    """A peer that cannot be measured here, and why."""


@dataclass(frozen=True)
class Cores:
    """The core of the gateway that is measured, and the one of the load and of the backend."""

    gateway: int
    load: int


@dataclass(frozen=True)
class Usage:
    """Of a process and its children, since they began."""

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
    """The process, for the block; it and its children have ended when the block has."""
    with log.open("wb") as terminal:
        # Of a session of its own, so that Ctrl-C reaches it through us alone.
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
        _each(tree, "terminate")
        _, alive = psutil.wait_procs(tree, STOP_LIMIT_S)
        _each(alive, "kill")


def _each(processes: Sequence[psutil.Process], end: str) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            getattr(process, end)()
