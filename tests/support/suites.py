"""What tests cost, found by what they use: `server`, `slow`, and the tests that share one worker."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gateway.execution import wire

START_LIMIT_S = 180.0
"""Of a server or a whole system on a slow machine: it ends before the limit of the test that waits for it."""

_SERVER_TIMEOUT_S = START_LIMIT_S + 120
_PROCESS_EVENTS = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn")


def sort_by_cost(items: Iterable[pytest.Item]) -> None:
    """Mark what starts servers and what is slow, and give each file to one worker of pytest-xdist."""
    used: dict[str, set[str]] = {}
    for item in items:
        names = _names(item)
        used.setdefault(_file(item), set()).update(names)
        if _needs_server(names):
            item.add_marker("server")
        if _reads_real_data(names):
            item.add_marker("slow")
        if item.get_closest_marker("server") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(_SERVER_TIMEOUT_S))
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(_file(item), used[_file(item)])))


class ProcessGuard:
    """Refuses processes to tests that are not marked `server`, for nobody can remember the marker."""

    def __init__(self) -> None:
        self._refused = False
        sys.addaudithook(self._see)

    @contextmanager
    def watching(self, item: pytest.Item) -> Iterator[None]:
        self._refused = item.get_closest_marker("server") is None
        try:
            yield
        finally:
            self._refused = False

    def _see(self, event: str, _: tuple[Any, ...]) -> None:
        if self._refused and event in _PROCESS_EVENTS:
            raise RuntimeError("a test that starts a process is marked so: pytest.mark.server")


def _names(item: pytest.Item) -> set[str]:
    """Of the fixtures of a test; those that a fixture asks for by its parameter are named by it."""
    callspec = getattr(item, "callspec", None)
    asked = callspec.params.values() if callspec else ()
    return {*getattr(item, "fixturenames", ()), *(each for each in asked if isinstance(each, str))}


def _needs_server(names: set[str]) -> bool:
    builds = "compiled" in names and wire.load() is None
    return builds or any(part in name for name in names for part in ("mongod", "elasticsearch", "started"))


def _reads_real_data(names: set[str]) -> bool:
    return any(name.startswith("real_") for name in names)


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _group(file: str, names: set[str]) -> str:
    """Files that share what is dear to make: each worker would make its own."""
    if file.startswith("tests/e2e/"):
        return "system"
    if _reads_real_data(names) or any("elasticsearch" in name for name in names):
        return "engines"
    return "mongod" if "mongod" in names else file
