"""Joins, leaves, answers and deadlines in any order; invariants are checked after each step."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.single_flight import SingleFlight
from tests.support.common.turns import TurnedLoop, play, turns

SETTLED = 8
"""Turns of the event loop after which no task is ready."""


class Failed(Exception):
    """The failure of a call, with its number."""


@dataclass(eq=False)
class Call:
    key: str
    decided: asyncio.Future[int]
    ended_at: int | None = None
    cancelled: bool = False


@dataclass(eq=False)
class Caller:
    key: str
    ends_at: float
    began_at: int
    task: asyncio.Task[int] | None = None
    left: bool = False
    ended_at_s: float = math.inf

    @property
    def waits(self) -> bool:
        return self.task is not None and not self.task.done()


@dataclass
class World:
    """Runs and counts steps; only one kind of step advances the time."""

    loop: TurnedLoop
    kept: bool
    step: int = 0
    calls: list[Call] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.flights: SingleFlight[str, int] = SingleFlight(kept=self.kept)

    async def ask(self, key: str, ends_at: float) -> int:
        call = Call(key, self.loop.create_future())
        self.calls.append(call)
        try:
            async with asyncio.timeout_at(None if ends_at == math.inf else ends_at):
                return await call.decided
        except asyncio.CancelledError:
            call.cancelled = True
            raise
        finally:
            call.ended_at = self.step

    def join(self, key: str, ends_in: float) -> None:
        caller = Caller(key, self.loop.time() + ends_in, self.step)
        caller.task = asyncio.create_task(self._wait(caller))
        self.callers.append(caller)

    async def _wait(self, caller: Caller) -> int:
        try:
            return await self.flights.join(
                caller.key, lambda: self.ask(caller.key, caller.ends_at), caller.ends_at
            )
        finally:
            caller.ended_at_s = self.loop.time()

    def leave(self, number: int) -> None:
        waiting = [caller for caller in self.callers if caller.waits]
        if waiting:
            caller = waiting[number % len(waiting)]
            assert caller.task is not None
            caller.left |= caller.task.cancel()

    async def succeed(self, key: str, between: int) -> None:
        """All callers leave, and a new one joins while the call is being cancelled."""
        for caller in self.callers:
            if caller.key == key and caller.task is not None:
                caller.left |= caller.task.cancel()
        await turns(between)
        self.join(key, math.inf)

    def decide(self, number: int, *, fail: bool) -> None:
        open_calls = [call for call in self.calls if not call.decided.done()]
        if open_calls:
            call = open_calls[number % len(open_calls)]
            mine = self.calls.index(call)
            if fail:
                call.decided.set_exception(Failed(mine))
            else:
                call.decided.set_result(mine)

    async def settle(self) -> None:
        await turns(SETTLED)
        for key in {call.key for call in self.calls}:
            self._check_calls(key)

    def _check_calls(self, key: str) -> None:
        running = [call for call in self.calls if call.key == key and call.ended_at is None]
        waiting = [caller for caller in self.callers if caller.key == key and caller.waits]
        if self.kept:
            assert not any(call.cancelled for call in self.calls)
        else:
            assert len(running) <= len(waiting), "a call runs for nobody"
        if all(caller.ends_at == math.inf for caller in self.callers):
            assert len(running) <= 1, "identical calls in flight are made once"

    async def end(self) -> None:
        await self.settle()
        while any(not call.decided.done() for call in self.calls if call.ended_at is None):
            self.decide(0, fail=False)
            self.step += 1
            await self.settle()
        for caller in self.callers:
            self._check_caller(caller)

    def _check_caller(self, caller: Caller) -> None:
        assert caller.task is not None
        assert caller.task.done(), "somebody waits for ever"
        if caller.task.cancelled():
            assert caller.left, "somebody who did not leave got no answer"
            return
        error = caller.task.exception()
        if isinstance(error, TimeoutError):
            assert caller.ended_at_s > caller.ends_at - 0.06, "somebody was failed before their time"
            return
        call = self.calls[error.args[0] if isinstance(error, Failed) else caller.task.result()]
        assert call.key == caller.key
        assert call.ended_at is not None
        assert call.ended_at >= caller.began_at, "the answer is older than the question"


KEYS = st.sampled_from("ab")
NUMBERS = st.integers(0, 9)
STEPS = st.one_of(
    st.tuples(st.just("join"), KEYS, st.sampled_from([1.0, 1.5, 4.0, math.inf])),
    st.tuples(st.just("leave"), NUMBERS),
    st.tuples(st.just("answer"), NUMBERS),
    st.tuples(st.just("fail"), NUMBERS),
    st.tuples(st.just("succeed"), KEYS, st.integers(0, 4)),
    st.tuples(st.just("advance"), st.sampled_from([0.4, 1.0, 3.0])),
    st.tuples(st.just("turns"), st.integers(1, 4)),
    st.tuples(st.just("settle")),
)
PATIENT_STEPS = STEPS.map(lambda step: ("join", step[1], math.inf) if step[0] == "join" else step)


async def take(world: World, step: tuple[object, ...]) -> None:
    match step:
        case ("join", str(key), float(ends_in)):
            world.join(key, ends_in)
        case ("leave", int(number)):
            world.leave(number)
        case ("answer" | "fail" as how, int(number)):
            world.decide(number, fail=how == "fail")
        case ("succeed", str(key), int(between)):
            await world.succeed(key, between)
        case ("advance", float(seconds)):
            world.loop.advance(seconds)
        case ("turns", int(count)):
            await turns(count)
        case _:
            await world.settle()
    world.step += 1


def race(steps: list[tuple[object, ...]], *, kept: bool) -> None:
    async def scene(loop: TurnedLoop) -> None:
        world = World(loop, kept)
        for step in steps:
            await take(world, step)
        await world.end()

    play(scene)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(steps=st.lists(STEPS, max_size=30), kept=st.booleans())
def test_whoever_stays_gets_an_answer_of_their_time_and_no_call_runs_for_nobody(
    steps: list[tuple[object, ...]], *, kept: bool
) -> None:
    race(steps, kept=kept)


@settings(max_examples=150, deadline=None)
@given(steps=st.lists(PATIENT_STEPS, max_size=30), kept=st.booleans())
def test_without_deadlines_no_key_has_two_calls_in_flight(
    steps: list[tuple[object, ...]], *, kept: bool
) -> None:
    race(steps, kept=kept)
