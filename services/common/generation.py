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
_PREVIOUS = ".previous"
"""In a generation, names the one that it replaced."""


@contextmanager
def new_generation(state: Path) -> Iterator[Path]:
    """An empty folder to fill; at the end of the block it becomes the current one, atomically.

    When the block raises, nothing changes. What a killed run left is removed, and so are the
    generations before the one that is replaced, which stays for readers that still have it open.
    One writer at a time: another waits for its end.
    """
    state.mkdir(parents=True, exist_ok=True)
    state = state.resolve()
    with _only_writer(state), _replacement(state) as folder:
        yield folder


@contextmanager
def _only_writer(state: Path) -> Iterator[None]:
    with (state / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
    if previous is not None:
        _follow(folder, previous)
    folder.rename(final)
    _make_current(final)
    for old in state.glob(f"{_PREFIX}*"):
        if old not in (final, previous):
            shutil.rmtree(old)


def _follow(folder: Path, previous: Path) -> None:
    named = folder / f"{_PREVIOUS}-new"
    named.write_text(previous.name)
    named.replace(folder / _PREVIOUS)


def _make_current(folder: Path) -> None:
    link = folder.with_name(f"{_CURRENT}-{folder.name}")
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    link.replace(folder.with_name(_CURRENT))


def current_generation(state: Path) -> Path | None:
    """The folder that is current, or None when none was ever finished."""
    link = state / _CURRENT
    return link.resolve() if link.exists() else None


def previous_generation(state: Path) -> Path | None:
    """The folder that the current one replaced, or None when there is none."""
    current = current_generation(state)
    if current is None or not (current / _PREVIOUS).is_file():
        return None
    folder = current.with_name((current / _PREVIOUS).read_text())
    return folder if folder.is_dir() else None


def roll_back(state: Path) -> Path | None:
    """Make the previous generation current, and the current one previous, so that it can be undone.

    Returns the folder that is current now, or None when there is no previous one: nothing changes.
    """
    if current_generation(state) is None:
        return None
    state = state.resolve()
    with _only_writer(state):
        current, previous = current_generation(state), previous_generation(state)
        if current is None or previous is None:
            return None
        # Stopped between the two lines, each names the other, and the current one is as it was.
        _follow(previous, current)
        _make_current(previous)
        return previous
