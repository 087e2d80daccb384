"""French public holidays: the eleven of the whole country (Code du travail, article L3133-1)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_DAYS_AFTER_EASTER = (1, 39, 50)
"""Easter Monday, Ascension, Whit Monday."""


def is_ferie(day: date) -> bool:
    return day in jours_feries(day.year)


@lru_cache(maxsize=16)
def jours_feries(year: int) -> frozenset[date]:
    easter = easter_sunday(year)
    moving = (easter + timedelta(days=days) for days in _DAYS_AFTER_EASTER)
    return frozenset((*(date(year, month, day) for month, day in _FIXED), *moving))


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
