"""Writing the CSV files that an importer is to read."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path


def write_csv(path: Path, rows: Iterable[Mapping[str, str]], delimiter: str = ",") -> None:
    """The heading is that of the first row."""
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
