from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.formation import shift_sessions
from tests.support.catalogue.small_france import formation

months = st.builds("{:04}-{:02}".format, st.integers(1990, 2040), st.integers(1, 12))
days = st.dates(date(2000, 1, 1), date(2038, 12, 31))


@pytest.mark.parametrize(
    ("given_months", "shifted"),
    [
        (["2021-09"], ("2027-09",)),
        (["2021-12", "2021-09"], ("2026-12", "2027-09")),
        (["2020-11"], ("2026-11",)),
        (["2026-11", "2028-01"], ("2026-11", "2028-01")),
        (["2020-09", "2021-09"], ("2027-09",)),
        ([], ()),
    ],
)
def test_past_months_go_to_the_first_year_to_come(given_months: list[str], shifted: tuple[str, ...]) -> None:
    assert shift_sessions(given_months, date(2026, 11, 23)) == shifted


@given(st.lists(months), days)
def test_shifted_sessions_keep_their_month_and_are_near(given_months: list[str], today: date) -> None:
    shifted = shift_sessions(given_months, today)

    assert list(shifted) == sorted(set(shifted))
    assert {month[5:] for month in shifted} == {month[5:] for month in given_months}
    past = {month for month in given_months if month < f"{today:%Y-%m}"}
    assert set(given_months) - past <= set(shifted)
    within_a_year = {month for month in shifted if month < f"{today.year + 1:04}-{today:%m}"}
    assert {month[5:] for month in past} <= {month[5:] for month in within_a_year}
    assert all(month >= f"{today:%Y-%m}" for month in shifted)


def test_served_sessions_are_not_in_the_past() -> None:
    row = replace(formation("a"), sessions=("2026-09", "2026-11", "2027-09"))

    assert row.sessions_from(date(2026, 11, 30)) == ("2026-11", "2027-09")
    assert row.sessions_from(date(2028, 1, 1)) == ()
