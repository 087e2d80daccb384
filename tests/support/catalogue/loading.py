"""Runs the importer as a command, and reads the files that it writes."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from services.catalogue.load import main

COMMAND = (sys.executable, "-m", "services.catalogue.load")


def command(*arguments: str | Path) -> None:
    main(list(map(str, arguments)))


def generations(state: Path) -> set[Path | None]:
    return set(state.resolve().glob("gen-*"))


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
