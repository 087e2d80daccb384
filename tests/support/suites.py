"""What tests cost: which start servers, which are slow, and which share costly fixtures."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from gateway.execution import wire

START_LIMIT_S = 180.0
"""Of a server or a whole system on a slow machine: it ends before the limit of the test that waits for it."""

_SERVER_TIMEOUT_S = START_LIMIT_S + 120
_PROCESS_EVENTS = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn")


_SHARED = {
    "tests/e2e/": "the running system",
    "tests/services/catalogue/": "engines and the real data",
    "tests/deploy/local/engines/": "engines and the real data",
    "tests/services/matcha/": "mongod",
    "tests/services/rdv/": "mongod",
}
"""The costly fixtures that the files of a folder share. Several workers would each make their own."""


class Scheduler(LoadScopeScheduling):  # type: ignore[misc]  # the library has no types
    """Gives each file to one worker of pytest-xdist, and files that share costly fixtures to the same one.

    The marks `xdist_group` would do the same, but have no effect since pytest 9.2:
    https://github.com/pytest-dev/pytest-xdist/issues/1386.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((shared for folder, shared in _SHARED.items() if file.startswith(folder)), file)


def mark_by_cost(items: Iterable[pytest.Item]) -> None:
    """Mark what starts servers, and what is slow because it reads the real data."""
    for item in items:
        names = _names(item)
        if _needs_server(names):
            item.add_marker("server")
        if _reads_real_data(names):
            item.add_marker("slow")
        if item.get_closest_marker("server") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(_SERVER_TIMEOUT_S))


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
