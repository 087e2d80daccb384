from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.france.holidays import is_ferie, jours_feries

FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
EASTER_MONDAY, ASCENSION, WHIT_MONDAY = 1, 39, 50


def easter_sunday(year: int) -> date:
    """Gregorian Easter by the anonymous algorithm (Nature, 1876), as Meeus gives it."""
    century, year_of_century = divmod(year, 100)
    golden = year % 19
    leap_centuries, century_rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - correction + 15) % 30
    leap_years, year_rest = divmod(year_of_century, 4)
    weekday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@pytest.mark.parametrize("year", range(1990, 2101))
def test_year_has_the_eleven_days_of_the_law(year: int) -> None:
    after_easter = [EASTER_MONDAY, ASCENSION, WHIT_MONDAY]
    if 2005 <= year <= 2007:
        # Whit Monday was a working day until the law of 16 April 2008.
        after_easter.remove(WHIT_MONDAY)
    moving = {easter_sunday(year) + timedelta(days=days) for days in after_easter}

    assert jours_feries(year) == {date(year, month, day) for month, day in FIXED} | moving


@pytest.mark.parametrize(
    ("day", "ferie"),
    [
        (date(2027, 3, 29), True),
        (date(2027, 5, 6), True),
        (date(2027, 3, 28), False),
        (date(2027, 3, 10), False),
    ],
)
def test_day_is_a_holiday_or_not(day: date, ferie: bool) -> None:
    assert is_ferie(day) is ferie
