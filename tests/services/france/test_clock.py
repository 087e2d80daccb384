from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.france.clock import in_words, next_day, paris_day, read_day, read_rfc3339, rfc3339, utc_now

INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them naive


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2027, 2, 9, 22, 59, tzinfo=UTC), date(2027, 2, 9)),
        (datetime(2027, 2, 9, 23, 0, tzinfo=UTC), date(2027, 2, 10)),
        (datetime(2027, 7, 9, 22, 0, tzinfo=UTC), date(2027, 7, 10)),
    ],
)
def test_day_begins_at_midnight_in_paris(instant: datetime, day: date) -> None:
    assert paris_day(instant) == day


def test_now_is_to_the_millisecond() -> None:
    now = utc_now()

    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0


def test_instant_is_written_in_utc_to_the_second() -> None:
    instant = datetime(2027, 9, 1, 9, 0, 0, 999, tzinfo=timezone(timedelta(hours=2)))

    assert rfc3339(instant) == "2027-09-01T07:00:00Z"


@given(INSTANTS)
def test_written_instant_is_read_back(instant: datetime) -> None:
    assert read_rfc3339(rfc3339(instant)) == instant.replace(microsecond=0)


@pytest.mark.parametrize(
    "text",
    [
        "2027-09-01T09:00:00+02:00",
        "2027-09-01t07:00:00z",
        "2027-09-01 07:00:00Z",
        "2027-09-01T07:00:00.000Z",
    ],
)
def test_spellings_of_an_instant_are_read(text: str) -> None:
    assert read_rfc3339(text) == datetime(2027, 9, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2027-09-01",
        "2027-09-01T07:00Z",
        "2027-09-01T07:00:00",
        "20270901T070000Z",
        "2027-02-30T07:00:00Z",
        "0001-01-01T00:00:00+02:00",
        "٢٠٢٧-09-01T07:00:00Z",
    ],
)
def test_other_texts_are_no_instant(text: str) -> None:
    assert read_rfc3339(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-09-01", date(2027, 9, 1)),
        ("20270901", None),
        ("2027-W35-3", None),
        ("2027-02-30", None),
        ("٢٠٢٧-09-01", None),
        ("", None),
    ],
)
def test_day_is_read_in_one_spelling(text: str, day: date | None) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    ("instant", "words"),
    [
        (datetime(2027, 3, 10, 9, 30, tzinfo=UTC), "10 mars 2027 à 10 h 30"),
        (datetime(2027, 6, 30, 22, 0, tzinfo=UTC), "1er juillet 2027 à 0 h 00"),
        (datetime(2027, 8, 2, 7, 4, 0, 1_000, tzinfo=UTC), "2 août 2027 à 9 h 05"),
        (datetime(2027, 12, 31, 22, 59, 59, 999_000, tzinfo=UTC), "1er janvier 2028 à 0 h 00"),
    ],
)
def test_instant_for_people_is_in_paris_and_never_too_early(instant: datetime, words: str) -> None:
    assert in_words(instant) == words


@given(INSTANTS)
def test_next_day_begins_after_the_instant_in_paris(instant: datetime) -> None:
    begins = next_day(instant)

    assert instant < begins
    assert paris_day(begins) == paris_day(instant) + timedelta(days=1)
    assert paris_day(begins - timedelta(milliseconds=1)) == paris_day(instant)
