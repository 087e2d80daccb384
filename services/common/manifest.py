"""The files of a folder with their sizes and checksums, so that damage is seen before a file is read."""

from __future__ import annotations

import zlib
from pathlib import Path

from pydantic import TypeAdapter

NAME = ".files"
"""The file that holds them; neither it nor the others in `_UNLISTED` is in the list."""

_UNLISTED = (NAME, ".previous")
"""Files at the top of the folder that may change after the list was made."""

_CHUNK_BYTES = 1 << 20

_Listed = dict[str, tuple[int, int]]
_LIST = TypeAdapter(_Listed)
"""Size and CRC-32 by path. They find accidents: who can write the folder can write the list too."""


def write_manifest(folder: Path) -> None:
    """List the files that the folder has now."""
    listed = {path.relative_to(folder).as_posix(): _measure(path) for path in sorted(folder.rglob("*"))}
    files = {name: measured for name, measured in listed.items() if measured and name not in _UNLISTED}
    (folder / NAME).write_bytes(_LIST.dump_json(_LIST.validate_python(files)))


def damage_of(folder: Path) -> str:
    """Which file is not as it was listed, and how, `FILE: why`; empty when all are. Reads every file.

    What was added to the folder is no damage.
    """
    if not folder.is_dir():
        return f"{folder}: {_what_is_there(folder)}"
    try:
        listed = _LIST.validate_json((folder / NAME).read_bytes())
    except FileNotFoundError:
        return f"{folder / NAME}: missing"
    except OSError as error:
        return f"{folder / NAME}: {error.strerror}"
    except ValueError:
        return f"{folder / NAME}: not the list of files that the import wrote"
    damaged = [each for each in (_damage(folder / name, *kept) for name, kept in listed.items()) if each]
    others = f" (and {len(damaged) - 1} more)" if len(damaged) > 1 else ""
    return damaged[0] + others if damaged else ""


def _damage(path: Path, size: int, checksum: int) -> str:
    try:
        found = _measure(path)
    except OSError as error:
        return f"{path}: {error.strerror}"
    if found is None:
        return f"{path}: {_what_is_there(path)}"
    if found[0] != size:
        return f"{path}: {found[0]} bytes instead of {size}"
    return "" if found[1] == checksum else f"{path}: its content is not what the import wrote"


def _what_is_there(path: Path) -> str:
    if path.is_dir():
        return "a folder instead of a file"
    return "a file instead of a folder" if path.is_file() else "missing"


def _measure(path: Path) -> tuple[int, int] | None:
    """Size and CRC-32; None when it is no file."""
    if not path.is_file():
        return None
    size = checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            size += len(chunk)
            checksum = zlib.crc32(chunk, checksum)
    return size, checksum
