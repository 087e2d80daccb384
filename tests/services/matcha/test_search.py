from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.france.geo import Point, Zone, distance_km
from services.matcha.search import Candidate, Criteria, Row, Sort, page_of
from tests.support.matcha.builders import NOW, PARIS, criteria

CANDIDATES = st.lists(
    st.builds(
        Candidate,
        id=st.uuids().map(str),
        point=st.builds(Point, st.sampled_from([48.8, 48.9, 49.5]), st.sampled_from([2.3, 2.4, 3.0])),
        cree_le=st.integers(0, 3).map(lambda days: NOW - timedelta(days=days)),
    ),
    unique_by=lambda candidate: candidate.id,
    max_size=12,
)
AROUND = Zone(origin=PARIS, rayon_km=30)


def _all_pages(candidates: list[Candidate], wanted: Criteria) -> list[Row]:
    rows: list[Row] = []
    while True:
        page = page_of(candidates, wanted)
        rows += page.rows
        if not page.has_next_page:
            return rows
        wanted = replace(wanted, after=page.rows[-1].key)


@given(CANDIDATES, st.integers(1, 5), st.sampled_from(Sort))
def test_pages_put_together_are_the_whole_in_order(
    candidates: list[Candidate], first: int, sort: Sort
) -> None:
    whole = page_of(candidates, criteria(zone=AROUND, sort=sort, first=100))

    rows = _all_pages(candidates, criteria(zone=AROUND, sort=sort, first=first))

    assert rows == whole.rows
    assert len(rows) == whole.total_count
    assert [row.key for row in rows] == sorted(row.key for row in rows)


@given(CANDIDATES)
def test_circle_holds_exactly_what_is_within_its_radius(candidates: list[Candidate]) -> None:
    page = page_of(candidates, criteria(zone=AROUND, first=100))

    assert {row.id for row in page.rows} == {
        each.id for each in candidates if distance_km(PARIS, each.point) <= 30
    }


def test_page_of_no_row_still_counts() -> None:
    page = page_of([Candidate("a", PARIS, NOW)], criteria(first=0))

    assert (page.rows, page.total_count, page.has_next_page) == ([], 1, True)


def test_latest_comes_first_by_date_and_distance_is_shown_when_there_is_an_origin() -> None:
    old, new = Candidate("a", PARIS, NOW - timedelta(days=1)), Candidate("b", PARIS, NOW)

    page = page_of([old, new], criteria(zone=Zone(origin=PARIS), sort=Sort.DATE))

    assert [(row.id, row.distance_km) for row in page.rows] == [("b", 0.0), ("a", 0.0)]
