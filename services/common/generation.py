"""Folders of data that are replaced whole: readers see the old one or the new one, never a mixture."""

from __future__ import annotations

import fcntl
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CURRENT = "current"
_PREFIX = "gen-"
_UNFINISHED = ".unfinished"
_LOCK = ".writer"


@contextmanager
def new_generation(state: Path) -> Iterator[Path]:
    """An empty folder to fill; at the end of the block it becomes the current one, atomically.

    When the block raises, nothing changes. What a killed run left is removed, and so are the
    generations before the one that is replaced, which stays for readers that still have it open.
    One writer at a time: another waits for its end.
    """
    state.mkdir(parents=True, exist_ok=True)
    state = state.resolve()
    with (state / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _replacement(state) as folder:
            yield folder


@contextmanager
def _replacement(state: Path) -> Iterator[Path]:
    for leftover in state.glob(f"{_PREFIX}*{_UNFINISHED}"):
        shutil.rmtree(leftover)
    for leftover in state.glob(f"{_CURRENT}-*"):
        leftover.unlink()
    final = state / f"{_PREFIX}{uuid.uuid4().hex[:12]}"
    folder = final.with_name(final.name + _UNFINISHED)
    folder.mkdir()
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    previous = current_generation(state)
    folder.rename(final)
    link = state / f"{_CURRENT}-{final.name}"
    link.symlink_to(final.name)
    link.replace(state / _CURRENT)
    for old in state.glob(f"{_PREFIX}*"):
        if old not in (final, previous):
            shutil.rmtree(old)


def current_generation(state: Path) -> Path | None:
    """The folder that is current, or None when none was ever finished."""
    link = state / _CURRENT
    return link.resolve() if link.exists() else None
