from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable
from functools import partial

import pytest

from services.common import deadline
from services.common.errors import DeadlineExceeded, UpstreamUnavailable
from services.common.single_flight import SingleFlight
from tests.support.common.turns import TurnedLoop, play, turns
from tests.support.logs import LogLines

Flights = SingleFlight[str, int]


class Oracle:
    """Answers each call with its number once the test allows it, and records the cancelled calls."""

    def __init__(self) -> None:
        self.asked = 0
        self.cancelled: list[int] = []
        self.free = asyncio.Event()

    async def ask(self) -> int:
        self.asked += 1
        number = self.asked
        try:
            await self.free.wait()
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise
        return number


def until(ends_at: float) -> Awaitable[int]:
    """A call that never gets an answer and ends at its deadline."""

    async def give_up() -> int:
        async with asyncio.timeout_at(ends_at):
            await asyncio.Event().wait()
        raise AssertionError

    return give_up()


async def test_callers_of_one_key_share_one_call_and_others_have_theirs() -> None:
    flights, oracle = Flights(), Oracle()
    same = [asyncio.create_task(flights.join("a", oracle.ask)) for _ in range(20)]
    other = asyncio.create_task(flights.join("b", oracle.ask))
    await turns(2)
    oracle.free.set()

    assert await asyncio.gather(*same) == [1] * 20
    assert await other == 2


async def test_caller_who_comes_after_the_answer_makes_another_call() -> None:
    flights, oracle = Flights(), Oracle()
    oracle.free.set()

    assert [await flights.join("a", oracle.ask) for _ in range(2)] == [1, 2]


async def test_caller_who_leaves_does_not_disturb_the_others() -> None:
    flights, oracle = Flights(), Oracle()
    leaving, staying = (asyncio.create_task(flights.join("a", oracle.ask)) for _ in range(2))
    await turns(2)
    leaving.cancel()
    await turns(2)
    oracle.free.set()

    assert await staying == 1
    assert (leaving.cancelled(), oracle.cancelled) == (True, [])


async def test_call_is_cancelled_when_the_last_caller_leaves() -> None:
    flights, oracle = Flights(), Oracle()
    leaving = [asyncio.create_task(flights.join("a", oracle.ask)) for _ in range(3)]
    await turns(2)
    for each in leaving:
        each.cancel()
    await turns(3)

    assert oracle.cancelled == [1]


@pytest.mark.parametrize("between", range(4))
async def test_who_asks_just_after_the_last_caller_left_gets_an_answer(between: int) -> None:
    flights, oracle = Flights(), Oracle()
    leaving = asyncio.create_task(flights.join("a", oracle.ask))
    await turns(2)
    leaving.cancel()
    await turns(between)
    asking = asyncio.create_task(flights.join("a", oracle.ask))
    await turns(4)
    oracle.free.set()

    assert await asking == 2
    assert oracle.cancelled == [1]


async def test_call_that_takes_its_time_to_stop_does_not_keep_its_key() -> None:
    flights, oracle, tidied = Flights(), Oracle(), asyncio.Event()

    async def stop_slowly() -> int:
        try:
            return await oracle.ask()
        finally:
            await tidied.wait()

    leaving = asyncio.create_task(flights.join("a", stop_slowly))
    await turns(2)
    leaving.cancel()
    await turns(3)
    second = asyncio.create_task(flights.join("a", oracle.ask))
    await turns(2)
    tidied.set()
    await turns(3)
    third = asyncio.create_task(flights.join("a", oracle.ask))
    await turns(2)
    oracle.free.set()

    assert (await second, await third) == (2, 2)


async def test_call_that_has_just_ended_is_not_joined() -> None:
    flights, oracle = Flights(), Oracle()
    oracle.free.set()
    asking: list[asyncio.Task[int]] = []

    async def fail() -> int:
        # This task runs again before asyncio reports the end of the call.
        asking.append(asyncio.create_task(flights.join("a", oracle.ask)))
        raise UpstreamUnavailable("down")

    with pytest.raises(UpstreamUnavailable):
        await flights.join("a", fail)

    assert await asking[0] == 1


async def test_kept_call_goes_on_when_everybody_left_and_serves_the_next() -> None:
    flights, oracle = Flights(kept=True), Oracle()
    leaving = asyncio.create_task(flights.join("a", oracle.ask))
    await turns(2)
    leaving.cancel()
    await turns(3)
    asking = asyncio.create_task(flights.join("a", oracle.ask))
    await turns(2)
    oracle.free.set()

    assert await asking == 1


async def test_kept_call_is_started_without_a_caller_and_once() -> None:
    flights, oracle = Flights(kept=True), Oracle()
    for _ in range(3):
        flights.start("a", oracle.ask)
    await turns(2)
    oracle.free.set()

    assert await flights.join("a", oracle.ask) == 1


@pytest.mark.parametrize(("kept", "bound"), [(False, True), (True, False)])
async def test_only_a_kept_call_is_free_of_the_deadline_of_its_first_caller(kept: bool, bound: bool) -> None:
    async def has_little_time() -> bool:
        return deadline.remaining_s(60.0) < 60.0

    async def ask_with_a_deadline() -> bool:
        deadline.start(5.0)
        return await SingleFlight[str, bool](kept=kept).join("a", has_little_time)

    assert await asyncio.create_task(ask_with_a_deadline()) is bound


async def test_error_reaches_all_who_wait_and_is_forgotten() -> None:
    flights, oracle = Flights(), Oracle()

    async def fail() -> int:
        await oracle.ask()
        raise UpstreamUnavailable("down")

    asking = [asyncio.create_task(flights.join("a", fail)) for _ in range(3)]
    await turns(2)
    oracle.free.set()
    errors = await asyncio.gather(*asking, return_exceptions=True)

    assert [str(error) for error in errors] == ["down"] * 3
    assert await flights.join("a", oracle.ask) == 2


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UpstreamUnavailable("down"), []),
        (KeyError("x"), ["unexpected error in a call that nobody waits for"]),
    ],
)
def test_error_that_nobody_waits_for_is_logged_when_it_is_a_bug(
    error: Exception, said: list[str], log_lines: LogLines
) -> None:
    async def scene(_: TurnedLoop) -> None:
        async def fail() -> int:
            raise error

        Flights(kept=True).start("a", fail)
        await turns(3)

    play(scene)

    assert [line["event"] for line in log_lines()] == said


def test_caller_leaves_at_the_end_of_its_own_time() -> None:
    async def scene(loop: TurnedLoop) -> None:
        flights, oracle = Flights(), Oracle()
        patient = asyncio.create_task(flights.join("a", oracle.ask, loop.time() + 9))
        hurried = asyncio.create_task(flights.join("a", oracle.ask, loop.time() + 5))
        await turns(2)
        loop.advance(5)
        await turns(4)
        oracle.free.set()

        with pytest.raises(TimeoutError):
            await hurried
        assert (await patient, oracle.asked) == (1, 1)

    play(scene)


def test_call_that_ends_much_before_is_not_joined() -> None:
    async def scene(loop: TurnedLoop) -> None:
        flights, oracle = Flights(), Oracle()
        now = loop.time()
        hurried = asyncio.create_task(flights.join("a", lambda: until(now + 1), now + 1))
        await turns(2)
        patient = asyncio.create_task(flights.join("a", oracle.ask, now + 9))
        await turns(2)
        oracle.free.set()

        assert await patient == 1
        hurried.cancel()

    play(scene)


@pytest.mark.parametrize("ends_in", [1.9, math.inf])
@pytest.mark.parametrize("error", [TimeoutError(), DeadlineExceeded("too slow")])
def test_caller_who_has_time_left_is_not_failed_by_a_call_that_ran_out_of_its_own(
    ends_in: float, error: Exception
) -> None:
    async def scene(loop: TurnedLoop) -> None:
        flights, oracle = Flights(), Oracle()
        now = loop.time()

        async def give_up() -> int:
            try:
                return await until(now + 1)
            except TimeoutError:
                raise error from None

        first = asyncio.create_task(flights.join("a", give_up, now + 1))
        await turns(2)
        second = asyncio.create_task(flights.join("a", oracle.ask, now + ends_in))
        await turns(2)
        loop.advance(1)
        await turns(6)
        oracle.free.set()

        with pytest.raises(type(error)):
            await first
        assert await second == 1

    play(scene)


@pytest.mark.parametrize(("longer_s", "asked"), [(0.01, 1), (0.2, 2)])
def test_call_is_not_made_again_for_the_few_milliseconds_that_a_caller_has_left(
    longer_s: float, asked: int
) -> None:
    async def scene(loop: TurnedLoop) -> None:
        flights = Flights()
        ends = (loop.time() + 1, loop.time() + 1 + longer_s)
        calls: list[float] = []

        def ask(ends_at: float) -> Awaitable[int]:
            calls.append(ends_at)
            return until(ends_at)

        asking = [asyncio.create_task(flights.join("a", partial(ask, each), each)) for each in ends]
        await turns(2)
        loop.advance(1)
        await turns(6)
        loop.advance(longer_s)
        await turns(6)
        errors = await asyncio.gather(*asking, return_exceptions=True)

        assert all(isinstance(error, TimeoutError) for error in errors)
        assert calls == list(ends[:asked])

    play(scene)


def test_call_that_fails_of_time_at_once_is_not_made_again() -> None:
    async def scene(loop: TurnedLoop) -> None:
        flights = Flights()
        asked = 0

        async def refuse() -> int:
            nonlocal asked
            asked += 1
            raise DeadlineExceeded("no time for that")

        ends = (loop.time() + 4, loop.time() + 5)
        asking = [asyncio.create_task(flights.join("a", refuse, each)) for each in ends]
        errors = await asyncio.gather(*asking, return_exceptions=True)

        assert all(isinstance(error, DeadlineExceeded) for error in errors)
        assert asked == 1

    play(scene)


async def test_closing_ends_calls_that_nobody_waits_for() -> None:
    ended = asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    flights: SingleFlight[str, None] = SingleFlight(kept=True)
    flights.start("key", hang)
    await asyncio.sleep(0)

    await flights.close()

    assert ended.is_set()
