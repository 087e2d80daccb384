from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.france.clock import PARIS
from services.matcha.besoin import Renouvellement, Statut, add_months, expiry
from tests.support.matcha.builders import NOW, a_besoin

INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them naive


def test_need_expires_two_months_later_at_midnight_in_france() -> None:
    # 23:30 in London is the next day in Paris; the clocks change between the two.
    created = datetime(2027, 2, 9, 23, 30, tzinfo=UTC)

    assert expiry(created) == datetime(2027, 4, 9, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2027, 3, 10), 24, date(2029, 3, 10)),
        (date(2027, 10, 5), 2, date(2027, 12, 5)),
    ],
)
def test_months_are_added_within_the_calendar(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(INSTANTS)
def test_expiry_is_a_midnight_about_two_months_away(created: datetime) -> None:
    expires = expiry(created)

    assert expires.astimezone(PARIS).time().isoformat() == "00:00:00"
    assert timedelta(days=57) < expires - created < timedelta(days=63)


@pytest.mark.parametrize(
    ("statut", "days", "expected"),
    [
        (Statut.ACTIF, 1, Statut.ACTIF),
        (Statut.ACTIF, 90, Statut.EXPIRE),
        (Statut.POURVU, 90, Statut.POURVU),
        (Statut.EN_ATTENTE, 90, Statut.EN_ATTENTE),
    ],
)
def test_clock_says_whether_a_need_has_expired(statut: Statut, days: int, expected: Statut) -> None:
    assert a_besoin(statut=statut).at(NOW + timedelta(days=days)).statut is expected


@given(INSTANTS, st.integers(0, 40))
def test_renewed_need_is_open_for_a_fortnight_and_more(now: datetime, age_days: int) -> None:
    renewed = a_besoin(fictive=True).renewed(Renouvellement(age_days, 30), now)

    assert renewed.cree_le <= now
    assert renewed.expire_le - now > timedelta(days=14)
    assert renewed.annonce.start_le == now.astimezone(PARIS).date() + timedelta(days=30)
