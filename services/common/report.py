"""What an import says while it runs and at its end."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

T = TypeVar("T")

REPORTS_VARIABLE = "IMPORT_REPORTS"
"""Names the file that keeps the reports of an import, one JSON object a line; none is kept without it."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was kept out."""

    line: int | None
    """Where its row ends in the file; its number in a list. None: unknown."""
    id: str
    reason: str


@dataclass
class ImportReport:
    """Counts of one table's rows: read = accepted + rejected; a corrected row is an accepted one."""

    table: str
    read: int = 0
    accepted: int = 0
    corrected: Counter[str] = field(default_factory=Counter)
    """Rows by what was mended in them; a row may be in several."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Rows by the one reason that kept them out."""
    # The underscore keeps them out of the JSON: they are as many as rows, and have their own file.
    _rejections: list[Rejection] = field(default_factory=list, init=False, repr=False)
    _at: tuple[int | None, str] = field(default=(None, ""), init=False, repr=False)

    @property
    def rejections(self) -> Sequence[Rejection]:
        """Each row that was kept out."""
        return self._rejections

    def now_at(self, line: int, identifier: str = "") -> None:
        """Say which row is being read: the next one to be accepted or rejected."""
        self._at = (line, identifier)

    def accept(self, corrections: Iterable[str] = ()) -> None:
        self.read += 1
        self.accepted += 1
        self.corrected.update(corrections)

    def reject(self, reason: str) -> None:
        self.read += 1
        self.rejected[reason] += 1
        self._rejections.append(Rejection(*self._at, reason))

    def lines(self) -> list[str]:
        """For people."""
        rejected = sum(self.rejected.values())
        head = f"{self.table}: {self.read} read, {self.accepted} accepted, {rejected} rejected"
        return [
            head,
            *(f"    corrected  {count:>6}  {reason}" for reason, count in self.corrected.most_common()),
            *(f"    rejected   {count:>6}  {reason}" for reason, count in self.rejected.most_common()),
        ]

    def write(self, path: Path) -> None:
        """Keep the report as JSON."""
        path.write_bytes(orjson.dumps(self, option=orjson.OPT_INDENT_2))


def write_rejections(path: Path, reports: Iterable[ImportReport], failure: str = "") -> None:
    """Keep each rejected row as a line of a CSV file; `failure` says why the whole was refused."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("table", "line", "id", "reason"))
        for report in reports:
            writer.writerows((report.table, each.line, each.id, each.reason) for each in report.rejections)
        if failure:
            writer.writerow(("", "", "", failure))


class ImportConsole:
    """Progress bars on a terminal, a line at the end of each step elsewhere."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._reports = os.environ.get(REPORTS_VARIABLE)

    def track(self, rows: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
        """Pass the rows on, showing how many went by."""
        if not self._console.is_terminal:
            count = 0
            for count, row in enumerate(rows, start=1):  # noqa: B007 - the last value is printed below
                yield row
            self._console.print(f"  {label}: {count}")
            return
        columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console) as progress:
            yield from progress.track(rows, total=total, description=label)

    def show(self, report: ImportReport) -> None:
        for line in report.lines():
            self._console.print(f"  {line}", markup=False)
        if self._reports:
            with Path(self._reports).open("ab") as kept:
                kept.write(orjson.dumps(report, option=orjson.OPT_APPEND_NEWLINE))
