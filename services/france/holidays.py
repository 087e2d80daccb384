"""French public holidays: the eleven of the whole country (Code du travail, article L3133-1)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays


def is_ferie(day: date) -> bool:
    return day in jours_feries(day.year)


@lru_cache(maxsize=16)
def jours_feries(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", years=year))
