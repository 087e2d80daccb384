from __future__ import annotations

import asyncio

import pytest

from services.common.deadline import ends_at, is_mostly_left, remaining_s, start


async def left(limit_s: float | None, at_most: float) -> float:
    start(limit_s)
    return remaining_s(at_most)


async def in_a_request(limit_s: float | None, at_most: float) -> float:
    """The value of `left` in a new task, which has its own context, like each RPC."""
    return await asyncio.create_task(left(limit_s, at_most))


async def test_request_without_a_limit_has_what_the_caller_allows() -> None:
    assert await in_a_request(None, at_most=3) == 3


async def test_least_of_both_limits_holds() -> None:
    assert await in_a_request(10, at_most=3) == 3
    assert 0.001 < await in_a_request(2, at_most=3) <= 2


@pytest.mark.parametrize("limit_s", [0.0, -5.0])
async def test_time_that_is_up_leaves_a_millisecond(limit_s: float) -> None:
    assert await in_a_request(limit_s, at_most=3) == 0.001


async def test_requests_do_not_share_their_limits() -> None:
    together = await asyncio.gather(in_a_request(None, 100), in_a_request(0, 100), in_a_request(None, 7))

    assert tuple(together) == (100, 0.001, 7)


async def test_end_is_the_same_for_all_calls_of_a_request() -> None:
    async def ends() -> list[float]:
        start(2)
        return [ends_at(3), ends_at(3), ends_at(4)]

    assert len(set(await asyncio.create_task(ends()))) == 1


async def test_end_is_that_of_the_caller_where_the_request_has_none_or_a_later_one() -> None:
    async def end(limit_s: float | None) -> tuple[float, float, float]:
        start(limit_s)
        before = asyncio.get_running_loop().time()
        return before, ends_at(3), asyncio.get_running_loop().time()

    for limit_s in (None, 10.0):
        before, found, after = await asyncio.create_task(end(limit_s))
        assert before <= found - 3 <= after


async def test_time_is_mostly_left_until_half_of_it_is_gone() -> None:
    async def mostly_left(limit_s: float | None) -> bool:
        start(limit_s)
        return is_mostly_left()

    assert await asyncio.create_task(mostly_left(None))
    assert await asyncio.create_task(mostly_left(60))
    assert not await asyncio.create_task(mostly_left(-1))
