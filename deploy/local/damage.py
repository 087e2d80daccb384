"""What is damaged in the state folder at start: set aside and said where it can be made again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from deploy.local.state import StateUnusable
from protos.services import SERVICES, Store

_FOLDERS = (
    *("logs", "reports", "demonstration", "elasticsearch", "engines", "sandbox"),
    *(each.name for each in SERVICES if each.store is Store.FOLDER),
)
_FILES = ("loaded.json", "addresses.json")
_OF_FILES = (("logs", "*.log*"), ("reports", "*.jsonl"), ("demonstration", "*"))
"""Folders, with the names of what must be files in them."""


def mend_shapes(state: Path, notify: Callable[[str], None]) -> None:
    """Set aside each folder where a file belongs, and each file where a folder belongs.

    Raises StateUnusable for MongoDB's folder, which nothing can fill again.
    """
    mongodb = state / "mongodb"
    if _is_other(mongodb, folder=True):
        raise StateUnusable(
            f"{mongodb}: a file instead of the folder of appointments and needs: restore it from a copy, or "
            "remove the file to begin without them"
        )
    for folder in (state / name for name in _FOLDERS):
        if _is_other(folder, folder=True):
            _set_aside(folder, "a file instead of a folder", notify)
    files = [state / name for name in _FILES]
    for name, pattern in _OF_FILES:
        files += (state / name).glob(pattern)
    for file in files:
        if _is_other(file, folder=False):
            _set_aside(file, "a folder instead of a file", notify)


def _is_other(path: Path, *, folder: bool) -> bool:
    return path.exists() and path.is_dir() != folder


def _set_aside(path: Path, why: str, notify: Callable[[str], None]) -> None:
    aside = path.with_name(f"{path.name}.damaged")
    if aside.is_dir():
        shutil.rmtree(aside)
    path.replace(aside)
    notify(f"{path}: {why}; it is made again, and what was there is now {aside.name}")
