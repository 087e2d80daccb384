from __future__ import annotations

import asyncio

from services.jobs.latency import Latency
from tests.support.virtual_time import run_in_virtual_time


def test_half_of_the_latest_answers_came_in_the_typical_time() -> None:
    async def typical() -> list[float]:
        latency = Latency()
        found = [latency.typical_s()]
        for seconds in [9.0] * 40 + [0.1] * 10 + [0.3] * 11 + [0.5] * 10:
            latency.add(seconds)
        found.append(latency.typical_s())
        return found

    assert run_in_virtual_time(typical()) == [0.0, 0.3]


def test_old_measures_are_forgotten() -> None:
    async def typical() -> list[float]:
        latency = Latency()
        latency.add(2.0)
        await asyncio.sleep(6)
        latency.add(1.0)
        found = [latency.typical_s()]
        await asyncio.sleep(6)
        found.append(latency.typical_s())
        await asyncio.sleep(6)
        return [*found, latency.typical_s()]

    assert run_in_virtual_time(typical()) == [1.5, 1.0, 0.0]
