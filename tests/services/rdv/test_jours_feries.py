from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rdv.jours_feries import easter_sunday, is_ferie, jours_feries


@pytest.mark.parametrize(
    "easter",
    [date(1961, 4, 2), date(2008, 3, 23), date(2024, 3, 31), date(2027, 3, 28), date(2038, 4, 25)],
)
def test_easter_falls_on_the_published_day(easter: date) -> None:
    assert easter_sunday(easter.year) == easter


@given(st.integers(1900, 2199))
def test_easter_is_a_sunday_between_22_march_and_25_april(year: int) -> None:
    easter = easter_sunday(year)

    assert easter.weekday() == 6
    assert date(year, 3, 22) <= easter <= date(year, 4, 25)


def test_year_has_its_eleven_holidays() -> None:
    assert sorted(f"{day:%m-%d}" for day in jours_feries(2027)) == [
        "01-01",
        "03-29",
        "05-01",
        "05-06",
        "05-08",
        "05-17",
        "07-14",
        "08-15",
        "11-01",
        "11-11",
        "12-25",
    ]
    assert not is_ferie(date(2027, 3, 10))
