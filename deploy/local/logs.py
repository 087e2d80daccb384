"""The logs of the supervised processes: each in files of a limited size, and the last words of one."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Any

import orjson
from typing_extensions import override

MAX_BYTES = 10_000_000
KEPT = 2
"""Files kept beside the present one: `.1` is the last before it."""

_LONGEST_LINE_BYTES = 1 << 20
"""A longer line is written in pieces, between which a new file may begin."""

_DRAIN_S = 1.0
_TAIL_BYTES = 8192
_LONGEST_WORDS = 300
_SEVERE = {"warning", "error", "critical", "E", "F"}
"""Levels of structlog, and severities of mongod."""


class Log:
    """The output of one process over its restarts. A run begins with a new file.

    The process writes into a pipe and a thread of ours into the file, so that a new file begins between two
    lines and none is lost. When the file can't be written its lines are dropped: the process never waits.
    """

    def __init__(
        self, path: Path, notify: Callable[[str], None], max_bytes: int = MAX_BYTES, kept: int = KEPT
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._handler = _Handler(path, notify, max_bytes, kept)
        self._pump: threading.Thread | None = None
        if path.exists() and path.stat().st_size:
            self._handler.doRollover()

    @contextmanager
    def writing_end(self) -> Iterator[IO[bytes]]:
        """What a new process writes to. It holds a copy, so ours is closed at the end of the block."""
        reading, writing = os.pipe()
        name = f"log of {self.path.stem}"
        self._pump = threading.Thread(
            target=self._copy, args=(os.fdopen(reading, "rb"),), name=name, daemon=True
        )
        self._pump.start()
        with os.fdopen(writing, "wb") as end:
            yield end

    def drain(self) -> None:
        """Wait until the lines of a process that ended are in the file; not long if it left children."""
        if self._pump is not None:
            self._pump.join(_DRAIN_S)

    def close(self) -> None:
        """To be called once the last process has ended."""
        self.drain()
        self._handler.close()

    def _copy(self, reading: IO[bytes]) -> None:
        with reading:
            while line := reading.readline(_LONGEST_LINE_BYTES):
                text = line.decode(errors="backslashreplace")
                self._handler.handle(logging.makeLogRecord({"msg": text}))


class _Handler(RotatingFileHandler):
    """Writes texts as they are; says once that they can't be written, until they can be again."""

    terminator = ""

    def __init__(self, path: Path, notify: Callable[[str], None], max_bytes: int, kept: int) -> None:
        super().__init__(path, maxBytes=max_bytes, backupCount=kept, encoding="utf-8", delay=True)
        self._notify = notify
        self._lost = 0
        self._told = False

    @override
    def emit(self, record: logging.LogRecord) -> None:
        lost_before = self._lost
        super().emit(record)
        if self._lost == lost_before:
            self._told = False

    @override
    def handleError(self, record: logging.LogRecord) -> None:
        self._lost += 1
        if not self._told:
            self._told = True
            self._notify(f"{self.baseFilename} can't be written, its lines are lost: {sys.exc_info()[1]}")
        # What is in its buffer would be written again and again.
        with suppress(OSError):
            if self.stream:
                self.stream.close()
        # The handler opens it again.
        self.stream = None


def last_words(log: Path) -> str:
    """Why its process ended or does not serve, as far as its log says; at most 300 characters.

    The last line, or the last one that tells of a failure when the last is an ordinary one in JSON.
    """
    lines = _tail(log) or _tail(log.with_name(f"{log.name}.1"))
    if not lines:
        return ""
    if _event(lines[-1]) is None:
        return lines[-1][:_LONGEST_WORDS]
    severe = (line for line in reversed(lines) if _is_severe(_event(line) or {}))
    return _words(next(severe, lines[-1]))[:_LONGEST_WORDS]


def _tail(log: Path) -> list[str]:
    if not log.is_file():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    return [line.strip() for line in lines if line.strip()]


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return event if isinstance(event, dict) else None


def _is_severe(event: dict[str, Any]) -> bool:
    return not {event.get("level"), event.get("s")}.isdisjoint(_SEVERE)


def _words(line: str) -> str:
    event = _event(line) or {}
    # Our logs use the key `event`, mongod's logs use `msg`. A cause names the file or the address.
    reasons = [str(event[key]) for key in ("reason", "cause", "error") if event.get(key)]
    text = str(event.get("event") or event.get("msg") or line)
    return ": ".join([text, *reasons])
