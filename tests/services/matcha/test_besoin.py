from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matcha.besoin import PARIS, Renouvellement, Statut, add_months, expiry
from services.matcha.siret import is_valid_siret
from tests.support.matcha.builders import NOW, OTHER_SIRET, SIRET, a_besoin

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


# The head office of La Poste, and one of its establishments, whose key is another one.
@pytest.mark.parametrize("siret", [SIRET, OTHER_SIRET, "35600000000048", "35600000049837"])
def test_siret_with_its_key_is_valid(siret: str) -> None:
    assert is_valid_siret(siret)


@pytest.mark.parametrize(
    "siret", ["", "73282932000075", "7328293200007", "7328293200007４", "35600000049838"]
)
def test_other_siret_is_not(siret: str) -> None:
    assert not is_valid_siret(siret)


@given(st.integers(0, 10**13 - 1))
def test_one_key_of_ten_is_right(digits: int) -> None:
    keys = [key for key in range(10) if is_valid_siret(f"{digits:013}{key}")]

    assert len(keys) == 1 or f"{digits:013}".startswith("356000000")
