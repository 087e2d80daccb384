from __future__ import annotations

import csv
import io
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from services.common.report import (
    REPORTS_VARIABLE,
    ImportConsole,
    ImportReport,
    Rejection,
    write_rejections,
)


def a_report() -> ImportReport:
    report = ImportReport("formations")
    report.accept()
    report.accept(["session moved to this year", "commune name taken from its code"])
    report.accept(["session moved to this year"])
    report.reject("no ROME code")
    report.reject("superseded")
    report.reject("superseded")
    return report


def console_to(text: io.StringIO, terminal: bool = False) -> ImportConsole:
    return ImportConsole(Console(file=text, force_terminal=terminal, soft_wrap=True, highlight=False))


def test_every_row_read_is_accepted_or_rejected() -> None:
    report = a_report()

    assert (report.read, report.accepted, sum(report.rejected.values())) == (6, 3, 3)
    assert report.corrected == {"session moved to this year": 2, "commune name taken from its code": 1}
    assert report.rejected == {"superseded": 2, "no ROME code": 1}


def test_reasons_are_told_most_frequent_first() -> None:
    assert a_report().lines() == [
        "formations: 6 read, 3 accepted, 3 rejected",
        "    corrected       2  session moved to this year",
        "    corrected       1  commune name taken from its code",
        "    rejected        2  superseded",
        "    rejected        1  no ROME code",
    ]


def test_report_is_kept_as_json(tmp_path: Path) -> None:
    a_report().write(tmp_path / "report.json")

    assert orjson.loads((tmp_path / "report.json").read_bytes()) == {
        "table": "formations",
        "read": 6,
        "accepted": 3,
        "corrected": {"session moved to this year": 2, "commune name taken from its code": 1},
        "rejected": {"no ROME code": 1, "superseded": 2},
    }


def test_report_is_shown_as_it_is_written() -> None:
    text = io.StringIO()
    report = ImportReport("rncp")
    report.reject("code [RNCP] absent")

    console_to(text).show(report)

    assert text.getvalue() == (
        "  rncp: 1 read, 0 accepted, 1 rejected\n      rejected        1  code [RNCP] absent\n"
    )


def test_reports_are_added_to_the_file_that_the_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "reports.jsonl"
    monkeypatch.setenv(REPORTS_VARIABLE, str(kept))
    console = console_to(io.StringIO())

    console.show(a_report())
    console.show(ImportReport("communes"))

    lines = kept.read_bytes().splitlines()
    assert [orjson.loads(line)["table"] for line in lines] == ["formations", "communes"]


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("count", [0, 1, 100])
def test_tracked_rows_pass_through_in_order(terminal: bool, count: int) -> None:
    console = console_to(io.StringIO(), terminal)

    assert list(console.track(range(count), "formations", total=count)) == list(range(count))


@pytest.mark.parametrize("count", [0, 3])
def test_outside_a_terminal_progress_is_one_line(count: int) -> None:
    text = io.StringIO()

    list(console_to(text).track(iter(range(count)), "formations"))

    assert text.getvalue() == f"  formations: {count}\n"


def test_terminal_shows_how_many_went_by() -> None:
    text = io.StringIO()

    list(console_to(text, terminal=True).track(range(3), "formations", total=3))

    assert "formations" in text.getvalue()
    assert "3/3" in text.getvalue()


def test_each_rejected_row_is_kept_with_its_line_and_id(tmp_path: Path) -> None:
    report = ImportReport("formations")
    report.reject("no heading")
    report.set_position(2, "24_1")
    report.accept()
    report.set_position(3, "24_2")
    report.reject('no "title", none')

    assert report.rejections == [Rejection(None, "", "no heading"), Rejection(3, "24_2", 'no "title", none')]

    write_rejections(tmp_path / "rejected.csv", [ImportReport("romes"), report], "the file is truncated")

    with (tmp_path / "rejected.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["table", "line", "id", "reason"],
            ["formations", "", "", "no heading"],
            ["formations", "3", "24_2", 'no "title", none'],
            ["", "", "", "the file is truncated"],
        ]


def test_report_that_can_not_be_kept_is_said_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMPORT_REPORTS", str(tmp_path))
    text = io.StringIO()

    console_to(text).show(ImportReport("romes"))

    assert f"the report can't be kept in {tmp_path}: Is a directory (IMPORT_REPORTS)" in text.getvalue()
