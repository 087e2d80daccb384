from __future__ import annotations

import asyncio

import pytest

from services.common.errors import Overloaded
from services.jobs.pace import Pace
from tests.support.virtual_time import run_in_virtual_time


def test_as_many_leave_as_the_window_takes_and_the_others_wait_for_it() -> None:
    async def departures() -> list[float]:
        pace, loop = Pace(10), asyncio.get_running_loop()
        left: list[float] = []

        async def depart() -> None:
            await pace.wait(ends_at=60)
            left.append(loop.time())

        await asyncio.gather(*(depart() for _ in range(22)))
        return left

    left = run_in_virtual_time(departures())

    assert left[:10] == [0] * 10
    # A little more than the second that the partner counts.
    assert left[10:] == pytest.approx([1.05] * 10 + [2.1] * 2)


def test_a_window_that_is_over_makes_nobody_wait() -> None:
    async def departure() -> float:
        pace, loop = Pace(1), asyncio.get_running_loop()
        await pace.wait(ends_at=60)
        await asyncio.sleep(30)
        await pace.wait(ends_at=60)
        return loop.time()

    assert run_in_virtual_time(departure()) == 30


def test_no_turn_in_time_is_said_at_once_and_takes_no_turn() -> None:
    async def wait_in_vain() -> float:
        pace, loop = Pace(1), asyncio.get_running_loop()
        await pace.wait(ends_at=1)
        for _ in range(3):
            with pytest.raises(Overloaded):
                await pace.wait(ends_at=1.05)
        assert loop.time() == 0

        await pace.wait(ends_at=2)
        return loop.time()

    assert run_in_virtual_time(wait_in_vain()) == pytest.approx(1.05)
