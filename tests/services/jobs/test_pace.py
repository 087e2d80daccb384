from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from contextvars import copy_context
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.common.caller import caller
from services.common.errors import Overloaded
from services.jobs.callers import Callers, sharing
from services.jobs.pace import WINDOW_S, Pace
from tests.support.common.turns import TurnedLoop, play, turns
from tests.support.virtual_time import run_in_virtual_time


def start(name: str, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """A task of the caller with this name."""
    context = copy_context()
    context.run(caller.set, name)
    return asyncio.create_task(coroutine, context=context)


def refused(reason: str) -> float:
    return REGISTRY.get_sample_value("lba_jobs_partner_refused_total", {"reason": reason}) or 0.0


async def departures(pace: Pace, names: str, ends_at: float = 60) -> list[tuple[str, float]]:
    """When each request leaves; a letter is a request of the caller with that name."""
    left: list[tuple[str, float]] = []

    async def depart(name: str) -> None:
        await pace.wait(ends_at)
        left.append((name, asyncio.get_running_loop().time()))

    await asyncio.gather(*(start(name, depart(name)) for name in names))
    return left


def test_caller_alone_has_the_whole_pace_and_the_end_of_the_window_is_spread() -> None:
    left = [at for _, at in run_in_virtual_time(departures(Pace(10), "a" * 30))]

    assert left[:10] == pytest.approx([0] * 7 + [0.2625, 0.525, 0.7875])
    # The window is a little more than the second that the partner counts.
    assert left[10:] == pytest.approx([WINDOW_S * (1 + each / 10) for each in range(20)])


def test_newcomer_finds_a_turn_after_a_burst() -> None:
    async def scene() -> float:
        pace, loop = Pace(10), asyncio.get_running_loop()
        flood = [start("a", pace.wait(60)) for _ in range(30)]
        await asyncio.sleep(0.01)
        arrived_at = loop.time()
        await start("b", pace.wait(60))
        waited_s = loop.time() - arrived_at
        await asyncio.gather(*flood)
        return waited_s

    assert run_in_virtual_time(scene()) == 0


@pytest.mark.parametrize("attackers", ["a", "abc"])
def test_newcomer_waits_for_one_turn_while_others_take_the_whole_pace(attackers: str) -> None:
    async def scene() -> list[float]:
        pace, loop = Pace(10), asyncio.get_running_loop()
        flood = [start(name, pace.wait(600)) for name in attackers * (40 // len(attackers))]
        waits = []
        for _ in range(3):
            await asyncio.sleep(0.95)
            arrived_at = loop.time()
            await start("honest", pace.wait(600))
            waits.append(loop.time() - arrived_at)
        for each in flood:
            each.cancel()
        return waits

    assert max(run_in_virtual_time(scene())[1:]) <= WINDOW_S / 10 + 1e-6


def test_callers_who_wait_take_turns() -> None:
    left = "".join(name for name, _ in run_in_virtual_time(departures(Pace(4), "aaaaaaaabbbbcc")))

    assert left == "aaabcbcbabaaaa"


@pytest.mark.parametrize(("names", "order"), [("a", "1 2 shared"), ("ab", "shared 1 2")])
def test_request_shared_by_several_callers_has_the_best_place(names: str, order: str) -> None:
    async def scene() -> list[str]:
        pace = Pace(1)
        left: list[str] = []

        async def depart(label: str, shared: Callers) -> None:
            sharing.set(shared)
            await pace.wait(60)
            left.append(label)

        await depart("", Callers("a"))
        shared = Callers("a")
        async with asyncio.TaskGroup() as group:
            for label in ("1", "2"):
                group.create_task(depart(label, Callers("a")))
            group.create_task(depart("shared", shared))
            await asyncio.sleep(0.1)
            # The second caller joins while the request waits.
            for name in names[1:]:
                group.create_task(_join(shared, name))
        return left

    assert " ".join(run_in_virtual_time(scene())).strip() == order


async def _join(shared: Callers, name: str) -> None:
    with shared.joined_by(name):
        await asyncio.sleep(10)


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

    before = refused("late")
    assert run_in_virtual_time(wait_in_vain()) == pytest.approx(1.05)
    assert refused("late") == before + 3


def test_turn_too_late_for_an_answer_is_not_given() -> None:
    async def scene() -> None:
        pace = Pace(1)
        await pace.wait(ends_at=1, needs_s=0.9)
        with pytest.raises(Overloaded):
            await pace.wait(ends_at=1.5, needs_s=0.5)
        await pace.wait(ends_at=1.6, needs_s=0.5)

    run_in_virtual_time(scene())


def test_caller_with_many_waiting_is_refused_and_another_is_not() -> None:
    async def scene() -> None:
        pace = Pace(1)
        flood = [start("a", pace.wait(600)) for _ in range(5)]
        await asyncio.sleep(0)
        assert pace.waiting == 4
        with pytest.raises(Overloaded, match="vous avez déjà trop"):
            await start("a", pace.wait(600))
        await start("b", pace.wait(600))
        await asyncio.gather(*flood)

    run_in_virtual_time(scene())


def test_request_overtaken_beyond_its_time_is_refused_without_a_turn() -> None:
    async def scene() -> tuple[float, float]:
        pace, loop = Pace(1), asyncio.get_running_loop()
        await start("a", pace.wait(60))
        overtaken = start("a", pace.wait(2.2))
        await asyncio.sleep(0.5)
        others = [start(name, pace.wait(60)) for name in "bc"]
        with pytest.raises(Overloaded):
            await overtaken
        refused_at = loop.time()
        await start("d", pace.wait(60))
        await asyncio.gather(*others)
        return refused_at, loop.time()

    before = refused("overtaken")
    assert run_in_virtual_time(scene()) == pytest.approx((2.2, 3 * WINDOW_S))
    assert refused("overtaken") == before + 1


def test_nobody_leaves_while_the_partner_asks_us_to_wait() -> None:
    async def scene() -> list[float]:
        pace, loop = Pace(1), asyncio.get_running_loop()
        left = []
        await pace.wait(60)
        waiting = asyncio.create_task(pace.wait(60))
        hurried = asyncio.create_task(pace.wait(3))
        await asyncio.sleep(0)
        pace.hold(5)
        pace.hold(1)
        with pytest.raises(Overloaded, match="France Travail limite"):
            await pace.wait(4.9)
        with pytest.raises(Overloaded, match="France Travail limite"):
            await hurried
        left.append(loop.time())
        await waiting
        left.append(loop.time())
        return left

    assert run_in_virtual_time(scene()) == pytest.approx([3, 5])


@pytest.mark.parametrize("between", range(6))
def test_turn_given_to_a_request_that_is_cancelled_goes_to_the_next(between: int) -> None:
    async def scene(loop: TurnedLoop) -> None:
        pace = Pace(1)
        await pace.wait(loop.time() + 60)
        leaving = asyncio.create_task(pace.wait(loop.time() + 60))
        next_one = asyncio.create_task(pace.wait(loop.time() + 60))
        await turns(2)
        loop.advance(WINDOW_S + 0.001)
        await turns(between)
        leaving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await leaving
        if leaving.cancelled():
            await turns(4)
        else:
            loop.advance(WINDOW_S + 0.001)
            await turns(6)

        assert next_one.done()
        assert pace.waiting == 0

    play(scene)
