"""The clock of mainland France, and the format of instants."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

Clock = Callable[[], datetime]

_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_ALMOST_A_MINUTE = timedelta(seconds=59, milliseconds=999)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# https://www.rfc-editor.org/rfc/rfc3339#section-5.6: T and Z may be small, and T may be a space.
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def utc_now() -> datetime:
    """The current time in UTC, to the millisecond as in MongoDB."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def today_in_paris() -> date:
    return paris_day(utc_now())


def paris_day(instant: datetime) -> date:
    """The date in Paris at an instant."""
    return instant.astimezone(PARIS).date()


def next_day(instant: datetime) -> datetime:
    """The first instant of the next day in Paris, in UTC."""
    return datetime.combine(paris_day(instant) + timedelta(days=1), time(), tzinfo=PARIS).astimezone(UTC)


def read_day(text: str) -> date | None:
    """The date in a text like 2027-09-01; None if it is not one."""
    # fromisoformat reads other forms of ISO 8601 too.
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def rfc3339(instant: datetime) -> str:
    """The instant in RFC 3339, in UTC and to the second: "2027-09-01T07:00:00Z"."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def in_words(instant: datetime) -> str:
    """The instant for people, in Paris and rounded up to the minute: "11 mars 2027 à 10 h 05"."""
    paris = (instant + _ALMOST_A_MINUTE).astimezone(PARIS)
    day = "1er" if paris.day == 1 else paris.day
    return f"{day} {_MONTHS[paris.month - 1]} {paris.year} à {paris.hour} h {paris.minute:02}"


def read_rfc3339(text: str) -> datetime | None:
    """The instant in an RFC 3339 text, in UTC; None if it is not one."""
    # fromisoformat reads other forms of ISO 8601 too.
    if not _RFC_3339.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
