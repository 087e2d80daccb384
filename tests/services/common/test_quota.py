from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.mongo import Database
from services.common.quota import Quotas
from services.common.share import Limit, LimitReached, Share
from tests.support.common.mongo import all_of, open_many

NOW = datetime(2027, 3, 10, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=40)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

TWO_AN_HOUR = Share("caller", "somebody", (Limit(2, HOUR), Limit(3, DAY)))
TWO_AT_ONCE = Share("candidat", "a@b.fr", (Limit(2),))


@pytest.fixture
async def quotas(opened: Database) -> Quotas:
    quotas = Quotas(opened)
    await opened.prepare()
    return quotas


async def _reached(quotas: Quotas, *shares: Share, at: datetime = NOW) -> datetime:
    with pytest.raises(LimitReached) as caught:
        await quotas.take(shares, "new", at, LATER)
    return caught.value.free_at


async def test_of_fifty_calls_of_two_processes_exactly_five_pass(
    database_url: str, database_name: str
) -> None:
    share = Share("caller", "somebody", (Limit(5, HOUR),))
    async with AsyncExitStack() as stack:
        databases = await open_many(stack, database_url, database_name, 2)
        replicas = [Quotas(database) for database in databases]

        outcomes = await asyncio.gather(
            *(replicas[number % 2].take([share], f"t{number}", NOW, LATER) for number in range(50)),
            return_exceptions=True,
        )

    assert sum(isinstance(outcome, LimitReached) for outcome in outcomes) == 45
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 5


async def test_period_slides_and_the_longest_wait_is_told(quotas: Quotas) -> None:
    await quotas.take([TWO_AN_HOUR], "a", NOW, LATER)
    await quotas.take([TWO_AN_HOUR], "b", NOW + timedelta(minutes=10), LATER)

    assert await _reached(quotas, TWO_AN_HOUR, at=NOW + timedelta(minutes=59)) == NOW + HOUR
    await quotas.take([TWO_AN_HOUR], "c", NOW + HOUR, LATER)
    assert await _reached(quotas, TWO_AN_HOUR, at=NOW + HOUR + timedelta(minutes=5)) == NOW + DAY
    await quotas.take([TWO_AN_HOUR], "d", NOW + DAY, LATER)


async def test_what_is_held_is_free_again_when_it_ends(quotas: Quotas) -> None:
    first_end, second_end = NOW + timedelta(days=3), NOW + timedelta(days=2)
    await quotas.take([TWO_AT_ONCE], "a", NOW, first_end)
    await quotas.take([TWO_AT_ONCE], "b", NOW, second_end)

    assert await _reached(quotas, TWO_AT_ONCE, at=NOW + DAY) == second_end
    await quotas.take([TWO_AT_ONCE], "c", second_end, LATER)


async def test_limit_that_was_lowered_holds_for_what_was_taken_before(quotas: Quotas) -> None:
    for number in range(3):
        share = Share("caller", "somebody", (Limit(3, HOUR),))
        await quotas.take([share], f"t{number}", NOW + timedelta(minutes=number), LATER)
    lowered = Share("caller", "somebody", (Limit(2, HOUR),))

    assert await _reached(quotas, lowered, at=NOW + timedelta(minutes=5)) == NOW + timedelta(minutes=61)


async def test_repeated_call_takes_nothing_more(quotas: Quotas) -> None:
    for _ in range(4):
        await asyncio.gather(*(quotas.take([TWO_AT_ONCE], "same", NOW, LATER) for _ in range(5)))

    await quotas.take([TWO_AT_ONCE], "other", NOW, LATER)
    await _reached(quotas, TWO_AT_ONCE)


async def test_refused_call_takes_nothing_of_the_other_shares(quotas: Quotas) -> None:
    for token in ("a", "b"):
        await quotas.take([TWO_AT_ONCE], token, NOW, LATER)

    await _reached(quotas, TWO_AN_HOUR, TWO_AT_ONCE)

    for token in ("c", "d"):
        await quotas.take([TWO_AN_HOUR], token, NOW, LATER)


async def test_only_the_call_that_took_gives_back(quotas: Quotas) -> None:
    first = await quotas.take([TWO_AT_ONCE], "a", NOW, LATER)
    repeated = await quotas.take([TWO_AT_ONCE], "a", NOW, LATER)
    await quotas.take([TWO_AT_ONCE], "b", NOW, LATER)

    await quotas.give_back(repeated)
    await _reached(quotas, TWO_AT_ONCE)

    await quotas.give_back(first)
    await quotas.take([TWO_AT_ONCE], "c", NOW, LATER)


async def test_subject_is_not_stored_and_its_document_expires(quotas: Quotas, opened: Database) -> None:
    await quotas.take([TWO_AN_HOUR, TWO_AT_ONCE], "a", NOW, LATER)

    documents = await all_of(opened.collection("quotas"))

    assert "somebody" not in str(documents)
    assert "a@b.fr" not in str(documents)
    assert {each["expire_at"] for each in documents} == {NOW + DAY, LATER}
    indexes = await opened.collection("quotas").index_information()
    assert indexes["expiry"]["expireAfterSeconds"] == 0


@given(minutes=st.lists(st.integers(0, 180), max_size=12), most=st.integers(1, 4))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.slow
async def test_never_more_than_so_many_in_any_period(quotas: Quotas, minutes: list[int], most: int) -> None:
    share = Share("caller", f"{minutes} {most}", (Limit(most, HOUR),))
    taken: list[datetime] = []
    for number, minute in enumerate(sorted(minutes)):
        at = NOW + timedelta(minutes=minute)
        recent = [each for each in taken if each > at - HOUR]
        if len(recent) < most:
            await quotas.take([share], f"t{number}", at, LATER)
            taken.append(at)
        else:
            assert await _reached(quotas, share, at=at) == recent[0] + HOUR
