"""Folders of data that are replaced as a whole: readers see the old or the new data, never a mixture.

A generation says in which format it was written, so that another version of the code refuses it in one
sentence instead of misreading it.
"""

from __future__ import annotations

import fcntl
import shlex
import shutil
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from services.common import manifest

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
    """The command that writes the files again, without its arguments."""

    def mending(self, state: Path) -> str:
        """The whole command that fills a state folder again."""
        return f"{self.importer} --state {shlex.quote(str(state))} --data DIR"


class StateUnreadable(Exception):
    """There is no data, or none that this code can read; the message says why and what to run."""


@contextmanager
def new_generation(state: Path, layout: Format) -> Iterator[Path]:
    """An empty folder to fill; at the end of the block it becomes the current one, atomically.

    If the block raises, nothing changes; an OSError then says how much room the disk has. The leftovers of
    killed runs are removed, and so are the generations before the replaced one, which readers may still have
    open. A second writer waits for the first.
    """
    state.mkdir(parents=True, exist_ok=True)
    state = state.resolve()
    with _only_writer(state), _replacement(state, layout) as folder:
        yield folder


@contextmanager
def _only_writer(state: Path) -> Iterator[None]:
    _remove_folder(state / _LOCK)
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
        manifest.write_manifest(folder)
        previous = current_generation(state)
        if previous is not None:
            _follow(folder, previous)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise _named(error, state) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    folder.rename(final)
    _make_current(final)
    for old in state.glob(f"{_PREFIX}*"):
        if old not in (final, previous):
            shutil.rmtree(old)


def _named(error: OSError, state: Path) -> OSError:
    """The error with the path, which that of a write lacks, and with the room that its disk has."""
    free_mb = shutil.disk_usage(state).free / 1e6
    why = f"{error.strerror or error} ({free_mb:,.0f} MB free on its disk)"
    return OSError(error.errno, why, error.filename or str(state))


def _follow(folder: Path, previous: Path) -> None:
    named = folder / f"{_PREVIOUS}-new"
    named.write_text(previous.name)
    named.replace(folder / _PREVIOUS)


def _make_current(folder: Path) -> None:
    link = folder.with_name(f"{_CURRENT}-{folder.name}")
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    _remove_folder(folder.with_name(_CURRENT))
    link.replace(folder.with_name(_CURRENT))


def _remove_folder(path: Path) -> None:
    """Remove a folder that stands where a file or a link belongs."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)


def current_generation(state: Path) -> Path | None:
    """The current folder, or None if no generation was ever finished."""
    link = state / _CURRENT
    # The link itself: the folder that it led to a moment ago may be gone, when two newer ones came.
    return link.resolve() if link.is_symlink() else None


def read_generation(state: Path, layout: Format, read: Callable[[Path], T]) -> T:
    """The result of `read` for the current folder. Raises StateUnreadable."""
    folder = current_generation(state)
    if folder is None:
        problem = damage_of(state) or f"{state}: no data was imported"
        raise StateUnreadable(f"{problem}; mend it with: {layout.mending(state)}")
    return read_folder(folder, layout, read)


def damage_of(state: Path) -> str:
    """Which file of the current generation is damaged, and how, `FILE: why`; empty when none is.

    A folder without any generation is not damaged.
    """
    if not state.is_dir():
        return f"{state}: not a folder"
    folder = current_generation(state)
    if folder is None:
        left = any(state.glob(f"{_PREFIX}*")) or (state / _CURRENT).exists()
        return f"{state / _CURRENT}: not the link that the import made" if left else ""
    return manifest.damage_of(folder)


def read_folder(folder: Path, layout: Format, read: Callable[[Path], T]) -> T:
    """The result of `read` for a generation. Raises StateUnreadable in place of whatever `read` raises."""
    _check(folder, layout)
    try:
        return read(folder)
    except _UNREADABLE as error:
        # Some errors have many lines.
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise StateUnreadable(
            f"{folder}: can't be read ({reason}); mend it with: {layout.mending(folder.parent)}"
        ) from error


def _check(folder: Path, layout: Format) -> None:
    """Raises StateUnreadable when a file is damaged, or the generation is of another version."""
    path = folder / _FORMAT
    problem = manifest.damage_of(folder)
    if not problem or (path.is_file() and not (folder / manifest.NAME).exists()):
        found = path.read_text(errors="replace") if path.is_file() else "none"
        if found != layout.version:
            problem = f"{folder}: written by another version (format {found}, here {layout.version})"
    if problem:
        raise StateUnreadable(f"{problem}; mend it with: {layout.mending(folder.parent)}")


def previous_generation(state: Path) -> Path | None:
    """The folder that the current one replaced, or None if there is none."""
    current = current_generation(state)
    if current is None or not (current / _PREVIOUS).is_file():
        return None
    name = (current / _PREVIOUS).read_text(errors="replace")
    folder = current.parent / name
    return (
        folder if name.startswith(_PREFIX) and folder.parent == current.parent and folder.is_dir() else None
    )


def roll_back(state: Path, layout: Format) -> Path | None:
    """Make the previous generation current, and the current one previous, so that it can be undone.

    Returns the folder that is current now, or None when there is no previous one: nothing changes. Raises
    StateUnreadable when the previous one is damaged or of another version: nothing changes either.
    """
    if current_generation(state) is None:
        return None
    state = state.resolve()
    with _only_writer(state):
        current, previous = current_generation(state), previous_generation(state)
        if current is None or previous is None:
            return None
        _check(previous, layout)
        # If the process stops between the two lines, each names the other and the current one is unchanged.
        _follow(previous, current)
        _make_current(previous)
        return previous
