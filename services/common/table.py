"""Reads the open data files: CSV or JSON, gzipped or not."""

from __future__ import annotations

import csv
import gzip
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, cast

import orjson


class BadFile(Exception):
    """A file is missing, truncated, not in UTF-8 or without a column that it must have."""


def find_file(folder: Path, name: str) -> Path:
    """`name` or `name.gz` in the folder. Raises BadFile when neither is there."""
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    raise BadFile(f"{folder / name}: no such file, nor {name}.gz")


def read_rows(
    folder: Path, name: str, columns: Sequence[str], delimiter: str = ","
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with the number of the line that each ends on; cells are stripped.

    Raises BadFile, before the first row when the heading lacks one of `columns`.
    """
    path = find_file(folder, name)
    try:
        with _open(path) as lines:
            reader = csv.DictReader(lines, delimiter=delimiter, strict=True)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise BadFile(f"{path}: the heading lacks {', '.join(missing)}")
            for row in reader:
                # DictReader puts the cells in excess under None and fills a short row with None.
                extra = cast("dict[str | None, Any]", row).pop(None, None)
                if extra is not None or None in row.values():
                    raise BadFile(f"{path}: line {reader.line_num} has not as many cells as the heading")
                yield reader.line_num, {name: cell.strip() for name, cell in row.items()}
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadFile(f"{path}: truncated or broken gzip file ({error})") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}: not in UTF-8 ({error})") from error
    except csv.Error as error:
        raise BadFile(f"{path}: not a well-formed CSV file ({error})") from error


def read_json(folder: Path, name: str) -> Any:
    """The value in a JSON file. Raises BadFile."""
    path = find_file(folder, name)
    try:
        with _open(path) as lines:
            return orjson.loads(lines.read())
    except (EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError, orjson.JSONDecodeError) as error:
        raise BadFile(f"{path}: not a well-formed JSON file ({error})") from error


def split_codes(cell: str) -> tuple[str, ...]:
    """The distinct codes of a cell, in order; `|` separates them."""
    return tuple(dict.fromkeys(code.strip() for code in cell.split("|") if code.strip()))


def row_id(lead: str, *others: str) -> str:
    """A short id of a row that several cells identify: the first cell, and a digest of the others.

    It depends on these cells only, so that two services that read the same row compute the same id.
    """
    return f"{lead}-{hashlib.blake2b('|'.join(others).encode(), digest_size=5).hexdigest()}"


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
