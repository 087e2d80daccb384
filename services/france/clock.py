"""What day it is where the sessions are held."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

_PARIS = ZoneInfo("Europe/Paris")


def today_in_paris() -> date:
    return datetime.now(_PARIS).date()
