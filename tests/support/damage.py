"""What can happen to a file: cut, changed, replaced, gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _halve(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 3, min(len(content), len(content) // 3 + 8)):
        content[place] ^= 0xFF
    path.write_bytes(content)


def _delete(path: Path) -> None:
    path.unlink()


def _replace_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path], None]] = {
    "emptied": _empty,
    "halved": _halve,
    "flipped": _flip,
    "deleted": _delete,
    "folder": _replace_by_a_folder,
}


def damaged(files: list[Path], damage: str) -> Iterator[Path]:
    """Each file while it is damaged, whole again afterwards; an empty file can't be cut."""
    for path in files:
        content = path.read_bytes()
        if content or damage in ("deleted", "folder"):
            DAMAGES[damage](path)
            yield path
            if path.is_dir():
                shutil.rmtree(path)
            path.write_bytes(content)
