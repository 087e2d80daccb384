"""The progress and the report of an import."""

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
"""Environment variable with the file that collects the reports, one JSON object per line. Optional."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A rejected row."""

    line: int | None
    """Line on which the row ends in its file, or its number in a list; None if unknown."""
    id: str
    reason: str


@dataclass
class ImportReport:
    """The counts of one table: read = accepted + rejected. A corrected row is also an accepted one."""

    table: str
    read: int = 0
    accepted: int = 0
    corrected: Counter[str] = field(default_factory=Counter)
    """Number of rows by correction; a row may have several."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Number of rows by the reason of their rejection."""
    # orjson leaves out names that start with an underscore: rejections may be many, and have their own file.
    _rejections: list[Rejection] = field(default_factory=list, init=False, repr=False)
    _at: tuple[int | None, str] = field(default=(None, ""), init=False, repr=False)

    @property
    def rejections(self) -> Sequence[Rejection]:
        """All rejected rows."""
        return self._rejections

    def set_position(self, line: int, identifier: str = "") -> None:
        """Set the position of the row that is accepted or rejected next."""
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
        """The report as text, for people."""
        rejected = sum(self.rejected.values())
        head = f"{self.table}: {self.read} read, {self.accepted} accepted, {rejected} rejected"
        return [
            head,
            *(f"    corrected  {count:>6}  {reason}" for reason, count in self.corrected.most_common()),
            *(f"    rejected   {count:>6}  {reason}" for reason, count in self.rejected.most_common()),
        ]

    def write(self, path: Path) -> None:
        """Write the report as JSON."""
        path.write_bytes(orjson.dumps(self, option=orjson.OPT_INDENT_2))


def write_rejections(path: Path, reports: Iterable[ImportReport], failure: str = "") -> None:
    """Write the rejected rows as a CSV file; `failure` says why the whole import was refused."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("table", "line", "id", "reason"))
        for report in reports:
            writer.writerows((report.table, each.line, each.id, each.reason) for each in report.rejections)
        if failure:
            writer.writerow(("", "", "", failure))


class ImportConsole:
    """Shows progress: bars on a terminal, else a line at the end of each step."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._reports = os.environ.get(REPORTS_VARIABLE)

    def track(self, rows: Iterable[T], label: str, total: int | None = None) -> Iterator[T]:
        """Yield the rows, and show how many were read."""
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
            self._keep(report, Path(self._reports))

    def _keep(self, report: ImportReport, path: Path) -> None:
        try:
            with path.open("ab") as kept:
                kept.write(orjson.dumps(report, option=orjson.OPT_APPEND_NEWLINE))
        except OSError as error:
            # The data is imported all the same.
            why = f"  the report can't be kept in {path}: {error.strerror} ({REPORTS_VARIABLE})"
            self._console.print(why, markup=False)
