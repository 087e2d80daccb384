"""Folders of data that are replaced as a whole: readers see the old or the new data, never a mixture.

A generation says in which format it was written, so that another version of the code refuses it in one
sentence instead of misreading it.
"""

from __future__ import annotations

import fcntl
import shutil
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_CURRENT = "current"
_PREFIX = "gen-"
_UNFINISHED = ".unfinished"
_LOCK = ".writer"
_PREVIOUS = ".previous"
"""File in a generation that names the one it replaced."""
_FORMAT = ".format"
"""File in a generation that names its format."""

_UNREADABLE = (OSError, ValueError, TypeError, LookupError, EOFError, zipfile.BadZipFile)
"""The exceptions of reading a damaged or unexpected file."""


@dataclass(frozen=True)
class Format:
    """The format of the files of a generation."""

    version: str
    """Change it whenever the code could misread files written by another version."""
    importer: str
    """The command that writes the files again."""


class StateUnreadable(Exception):
    """There is no data, or none that this code can read; the message says why and what to run."""


@contextmanager
def new_generation(state: Path, layout: Format) -> Iterator[Path]:
    """An empty folder to fill; at the end of the block it becomes the current one, atomically.

    If the block raises, nothing changes. The leftovers of killed runs are removed, and so are the generations
    before the replaced one, which readers may still have open. A second writer waits for the first.
    """
    state.mkdir(parents=True, exist_ok=True)
    state = state.resolve()
    with _only_writer(state), _replacement(state, layout) as folder:
        yield folder


@contextmanager
def _only_writer(state: Path) -> Iterator[None]:
    with (state / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _replacement(state: Path, layout: Format) -> Iterator[Path]:
    for leftover in state.glob(f"{_PREFIX}*{_UNFINISHED}"):
        shutil.rmtree(leftover)
    for leftover in state.glob(f"{_CURRENT}-*"):
        leftover.unlink()
    final = state / f"{_PREFIX}{uuid.uuid4().hex[:12]}"
    folder = final.with_name(final.name + _UNFINISHED)
    folder.mkdir()
    try:
        yield folder
        (folder / _FORMAT).write_text(layout.version)
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
    """The current folder, or None if no generation was ever finished."""
    link = state / _CURRENT
    # The link itself: the folder that it led to a moment ago may be gone, when two newer ones came.
    return link.resolve() if link.is_symlink() else None


def read_generation(state: Path, layout: Format, read: Callable[[Path], T]) -> T:
    """The result of `read` for the current folder. Raises StateUnreadable."""
    folder = current_generation(state)
    if folder is None:
        raise StateUnreadable(f"{state} is empty: import data with {layout.importer}")
    return read_folder(folder, layout, read)


def read_folder(folder: Path, layout: Format, read: Callable[[Path], T]) -> T:
    """The result of `read` for a generation. Raises StateUnreadable in place of whatever `read` raises."""
    _check_format(folder, layout)
    try:
        return read(folder)
    except _UNREADABLE as error:
        # Some errors have many lines.
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise StateUnreadable(
            f"{folder} is damaged ({reason}): import the data again with {layout.importer}"
        ) from error


def _check_format(folder: Path, layout: Format) -> None:
    path = folder / _FORMAT
    found = path.read_text(errors="replace") if path.is_file() else "none"
    if found != layout.version:
        raise StateUnreadable(
            f"{folder} was written by another version (format {found}, here {layout.version}): "
            f"import the data again with {layout.importer}"
        )


def previous_generation(state: Path) -> Path | None:
    """The folder that the current one replaced, or None if there is none."""
    current = current_generation(state)
    if current is None or not (current / _PREVIOUS).is_file():
        return None
    folder = current.with_name((current / _PREVIOUS).read_text())
    return folder if folder.is_dir() else None


def roll_back(state: Path, layout: Format) -> Path | None:
    """Make the previous generation current, and the current one previous, so that it can be undone.

    Returns the folder that is current now, or None when there is no previous one: nothing changes. Raises
    StateUnreadable when the previous one is of another version: nothing changes either.
    """
    if current_generation(state) is None:
        return None
    state = state.resolve()
    with _only_writer(state):
        current, previous = current_generation(state), previous_generation(state)
        if current is None or previous is None:
            return None
        _check_format(previous, layout)
        # If the process stops between the two lines, each names the other and the current one is unchanged.
        _follow(previous, current)
        _make_current(previous)
        return previous
