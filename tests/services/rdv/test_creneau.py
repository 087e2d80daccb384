from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.france.clock import PARIS
from services.france.holidays import is_ferie
from services.rdv.creneau import (
    Creneau,
    Regle,
    creneau_at,
    creneaux,
    creneaux_of_day,
    decode_id,
    encode_id,
)
from tests.support.rdv.builders import NOW, SIRET, THURSDAY, thursday

WEEKS = timedelta(weeks=3)
TIMES = st.integers(0, 24 * 12 - 1).map(lambda five: time(five // 12, five % 12 * 5))
REGLES = st.lists(
    st.builds(Regle, st.integers(0, 6), TIMES, TIMES, st.sampled_from([15, 20, 30, 45, 60])), max_size=4
)
INSTANTS = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis wants them naive
    datetime(2031, 1, 1),  # noqa: DTZ001 - the same
    timezones=st.just(UTC),
)


def _hours(found: list[Creneau]) -> list[str]:
    return [f"{each.start.astimezone(PARIS):%H:%M}-{each.end.astimezone(PARIS):%H:%M}" for each in found]


def test_rule_is_cut_into_slots() -> None:
    found = creneaux_of_day(SIRET, [THURSDAY], date(2027, 3, 11))

    assert _hours(found) == ["09:00-09:30", "09:30-10:00", "10:00-10:30", "10:30-11:00"]


def test_rest_that_is_too_short_for_a_slot_is_left() -> None:
    regle = replace(THURSDAY, duree_min=45)

    assert _hours(creneaux_of_day(SIRET, [regle], date(2027, 3, 11))) == ["09:00-09:45", "09:45-10:30"]


def test_rule_holds_on_its_day_between_its_dates() -> None:
    regle = replace(THURSDAY, depuis=date(2027, 3, 11), jusqu_a=date(2027, 3, 18))
    days = {each.start.date() for each in creneaux(SIRET, [regle], NOW - WEEKS, NOW + WEEKS)}

    assert days == {date(2027, 3, 11), date(2027, 3, 18)}


def test_slots_are_those_from_the_first_instant_to_the_last() -> None:
    found = list(creneaux(SIRET, [THURSDAY], thursday(8), thursday(9)))

    assert [each.start for each in found] == [thursday(8), thursday(8, 30)]


def test_public_holiday_has_no_slot() -> None:
    ascension = date(2027, 5, 6)

    assert ascension.weekday() == THURSDAY.jour
    assert creneaux_of_day(SIRET, [THURSDAY], ascension) == []


def test_where_rules_overlap_the_earlier_slot_wins() -> None:
    later = replace(THURSDAY, start=time(9, 45), duree_min=60, end=time(12))

    found = creneaux_of_day(SIRET, [later, THURSDAY], date(2027, 3, 11))

    assert _hours(found) == ["09:00-09:30", "09:30-10:00", "10:00-10:30", "10:30-11:00"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # Clocks go from 2:00 to 3:00: the slots in between don't exist.
        (date(2027, 3, 28), ["01:00-01:30", "03:00-03:30", "03:30-04:00"]),
        # Clocks go back from 3:00 to 2:00: slots are in the first of the two hours.
        (date(2027, 10, 31), ["01:00-01:30", "01:30-02:00", "02:00-02:30", "03:00-03:30", "03:30-04:00"]),
    ],
)
def test_slots_follow_french_clocks_when_they_change(day: date, expected: list[str]) -> None:
    regle = Regle(jour=6, start=time(1), end=time(4), duree_min=30)

    assert _hours(creneaux_of_day(SIRET, [regle], day)) == expected


def test_nine_oclock_is_nine_oclock_before_and_after_the_change() -> None:
    found = creneaux(SIRET, [replace(THURSDAY, end=time(9, 30))], NOW, NOW + timedelta(weeks=4))

    assert [each.start.hour for each in found] == [8, 8, 8, 7]


@given(REGLES, INSTANTS)
@settings(deadline=None, max_examples=50)
def test_slots_never_overlap_and_keep_within_rules_and_time(regles: list[Regle], now: datetime) -> None:
    until = now + timedelta(days=8)
    found = list(creneaux(SIRET, regles, now, until))

    assert all(before.end <= after.start for before, after in pairwise(found))
    for each in found:
        assert now <= each.start < each.end <= until
        start, end = each.start.astimezone(PARIS), each.end.astimezone(PARIS)
        assert not is_ferie(start.date())
        assert any(
            regle.holds_on(start.date())
            and regle.start <= start.time()
            and end.time() <= regle.end
            and each.end - each.start == timedelta(minutes=regle.duree_min)
            for regle in regles
        )
    for each in found[:3]:
        assert creneau_at(SIRET, regles, each.start) == each
        assert decode_id(each.id) == (SIRET, each.start)


def test_time_between_slots_is_no_slot() -> None:
    assert creneau_at(SIRET, [THURSDAY], thursday(8, 10)) is None
    assert creneau_at(SIRET, [THURSDAY], thursday(10)) is None


@given(st.text(max_size=60))
def test_any_text_is_read_as_an_id_or_refused(text: str) -> None:
    named = decode_id(text)

    assert named is None or encode_id(*named) == text


@pytest.mark.parametrize("text", [f"{SIRET}:999999999999", f"{SIRET}:01", "1:1", f"{SIRET}:"])
def test_other_writings_of_an_id_are_refused(text: str) -> None:

    assert decode_id(base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()) is None
