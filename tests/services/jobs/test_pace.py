from __future__ import annotations

import asyncio

import pytest

from services.common.errors import Overloaded
from services.jobs.pace import Pace
from tests.support.jobs.partner import in_seconds


async def test_the_eleventh_waits_for_the_window() -> None:
    pace, loop = Pace(10), asyncio.get_running_loop()
    began = loop.time()
    departures = []

    async def depart() -> None:
        await pace.wait(in_seconds(5))
        departures.append(loop.time() - began)

    await asyncio.gather(*(depart() for _ in range(12)))

    assert departures[9] < 0.5
    assert departures[10] >= 1.0


async def test_no_turn_in_time_is_said_at_once_and_takes_no_turn() -> None:
    pace = Pace(1)
    await pace.wait(in_seconds(1))

    for _ in range(3):
        with pytest.raises(Overloaded):
            await pace.wait(in_seconds(0.5))

    await pace.wait(in_seconds(2))
