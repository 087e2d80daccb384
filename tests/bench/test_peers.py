from __future__ import annotations

import pytest

from bench.peers import answers, backend, load
from bench.peers.peers import PEERS
from bench.peers.report import Round, markdown, median, rows
from bench.typical.answers import formations
from protos import catalogue_pb2

WRK = """\
Running 5s test @ http://127.0.0.1:8000/graphql
  1 threads and 16 connections
Requests/sec:    461.04
Transfer/sec:     24.81MB

{"requests": 2305, "seconds": 5.001, "bytes": 130000000, "failures": 0, "p50_ms": 34.1, "p99_ms": 80.2}
"""


def _round(requests_per_s: float, cpu_ms: float = 2.0) -> Round:
    return Round(requests_per_s, 10.0, 20.0, cpu_ms, 90.0, 2.0, 0.25)


def test_load_is_read_from_the_line_of_the_script() -> None:
    assert load.parse(WRK) == load.Load(2305, 5.001, 130_000_000, 0, 34.1, 80.2)


@pytest.mark.parametrize(
    ("done", "found"),
    [
        (load.Load(10, 1.0, 1_000, 0, 1.0, 1.0), ""),
        (load.Load(10, 1.0, 1_000, 2, 1.0, 1.0), "2 failures in 10 requests"),
        (load.Load(0, 1.0, 0, 0, 0.0, 0.0), "0 failures in 0 requests"),
        (load.Load(10, 1.0, 990, 0, 1.0, 1.0), "answers of 99 bytes, not 100"),
    ],
)
def test_load_with_failures_or_wrong_answers_is_refused(done: load.Load, found: str) -> None:
    assert done.problem(100) == found


def test_recorded_frame_holds_the_message_after_its_length() -> None:
    framed = backend.frame(formations())

    assert framed[0] == 0
    assert int.from_bytes(framed[1:5], "big") == len(framed) - 5
    assert catalogue_pb2.SearchFormationsResponse.FromString(framed[5:]) == formations()


def test_requests_of_nginx_are_the_third_counter() -> None:
    page = "Active connections: 1 \nserver accepts handled requests\n 7 7 63204 \nReading: 0 Writing: 1 \n"

    assert backend.parse_requests(page) == 63204


def test_expected_answer_has_both_pages() -> None:
    data = answers.expected()

    assert len(data["formations"]["edges"]) == 50
    assert len(data["recruteurs"]["edges"]) == 100


def test_all_spellings_of_zero_are_equal() -> None:
    ours = {"niveau": None, "fictive": False, "score": 0, "distanceKm": 0.0, "rows": [{"nom": ""}]}
    mesh = {"niveau": None, "fictive": None, "score": 0, "distanceKm": 0.0, "rows": [{"nom": ""}]}
    tailcall = {
        "niveau": "NIVEAU_UNSPECIFIED",
        "fictive": False,
        "score": 0,
        "distanceKm": 0.0,
        "rows": [{"nom": ""}],
    }

    kept = {"score": 0, "distanceKm": 0.0, "rows": [{"nom": ""}]}
    assert [answers.without_zeros(each) for each in (ours, mesh, tailcall)] == [kept] * 3


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "x"}]}, ""),
        ({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "y"}]}, "data.a[1].b"),
        ({"a": [1]}, {"a": [1, 2]}, "data.a"),
        ({"a": 1}, {"a": 1, "b": 2}, "data.b"),
    ],
)
def test_difference_is_reported_by_its_path(left: object, right: object, found: str) -> None:
    assert answers.difference(left, right) == found


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, b'{"data": {"a": 1}}', ""),
        (200, b'{"data": {"a": 2}}', "not the expected answer at data.a"),
        (200, b'{"data": {"a": 1}, "errors": [{"message": "no"}]}', "errors: no"),
        (502, b"gone", "status 502: b'gone'"),
    ],
)
def test_answer_is_compared_with_the_right_one(status: int, body: bytes, found: str) -> None:
    assert answers.problem(status, body, {"a": 1}) == found


def test_median_is_computed_for_each_figure_separately() -> None:
    assert median([_round(100, 3.0), _round(300, 1.0), _round(200, 5.0)]) == _round(200, 3.0)


def test_rows_are_the_quickest_first_with_ratios_to_both_references() -> None:
    results = {
        "plain strawberry": [_round(50, 20.0)],
        "ours": [_round(1_000, 1.0)],
        "Mercurius": [_round(500, 2.0)],
        "left out": [],
    }

    assert [(row[0], row[1], *row[-4:]) for row in rows(results)] == [
        ("ours", "1,000", "20.00", "1.00", "0.05", "1.00"),
        ("Mercurius", "500", "10.00", "0.50", "0.10", "2.00"),
        ("plain strawberry", "50", "1.00", "0.05", "1.00", "20.00"),
    ]


def test_ratio_to_an_unmeasured_reference_is_empty() -> None:
    (row,) = rows({"ours": [_round(1_000)]})

    assert row[-4:] == ("", "1.00", "", "1.00")


def test_markdown_is_a_table_under_its_concurrency() -> None:
    lines = markdown(16, rows({"ours": [_round(1_000, 0.9)]})).splitlines()

    assert lines[0] == "Concurrency 16:"
    assert lines[2].startswith("| gateway | requests/s |")
    assert lines[4].startswith("| ours | 1,000 | 10.0 | 20.0 | 0.90 | 90% | 90 | 2.0 | 25% |")


def test_every_peer_has_a_name_of_its_own() -> None:
    names = [peer.name for peer in PEERS]

    assert len(set(names)) == len(names)
