"""Random schedules of requests, in virtual time: the promises of the pace hold in all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import copy_context
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.caller import caller
from services.common.errors import Overloaded
from services.jobs.pace import WINDOW_S, Pace
from tests.support.virtual_time import run_in_virtual_time

_TICK_S = WINDOW_S / 20
"""Times are multiples of it, so that arrivals, departures, deadlines and cancellations meet."""
_EPSILON_S = 1e-6


@dataclass(frozen=True)
class Plan:
    """One request."""

    name: str
    at: float
    budget_s: float
    cancelled_after_s: float | None


@dataclass(eq=False)
class Outcome:
    """What became of it, and when."""

    plan: Plan
    kind: str = "?"
    at: float = -1.0

    def waited_at(self, instant: float) -> bool:
        return self.plan.at < instant < self.at


def _ticks(least: int, most: int) -> st.SearchStrategy[float]:
    return st.integers(least, most).map(lambda count: count * _TICK_S)


PLANS = st.lists(
    st.builds(
        Plan,
        name=st.sampled_from("aaaaabbc"),
        at=_ticks(0, 60),
        budget_s=_ticks(1, 120),
        cancelled_after_s=st.none() | st.none() | _ticks(0, 60),
    ),
    max_size=60,
)


def play(per_second: int, plans: Sequence[Plan]) -> list[Outcome]:
    """The outcomes, in the order of their ends."""
    ended: list[Outcome] = []

    async def request(pace: Pace, plan: Plan) -> None:
        loop = asyncio.get_running_loop()
        outcome = Outcome(plan)
        try:
            await pace.wait(plan.at + plan.budget_s)
            outcome.kind = "granted"
        except Overloaded:
            outcome.kind = "refused"
        except asyncio.CancelledError:
            outcome.kind = "cancelled"
        outcome.at = loop.time()
        ended.append(outcome)

    async def scene() -> None:
        pace, loop = Pace(per_second), asyncio.get_running_loop()
        tasks = []
        for plan in sorted(plans, key=lambda each: each.at):
            await asyncio.sleep(plan.at - loop.time())
            context = copy_context()
            context.run(caller.set, plan.name)
            task = asyncio.create_task(request(pace, plan), context=context)
            if plan.cancelled_after_s is not None:
                loop.call_later(plan.cancelled_after_s, task.cancel)
            tasks.append(task)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert pace.waiting == 0

    run_in_virtual_time(scene())
    return ended


def taken(
    granted: Sequence[Outcome], instant: float, name: str | None = None, seconds: float = WINDOW_S
) -> int:
    """Turns in the seconds that end at the instant."""
    return sum(
        instant - seconds < each.at - _EPSILON_S and each.at <= instant and name in (None, each.plan.name)
        for each in granted
    )


@settings(max_examples=150, deadline=None)
@given(per_second=st.integers(1, 12), plans=PLANS)
def test_no_window_has_more_turns_than_the_pace(per_second: int, plans: list[Plan]) -> None:
    granted = [each for each in play(per_second, plans) if each.kind == "granted"]

    assert all(taken(granted, each.at) <= per_second for each in granted)


@settings(max_examples=150, deadline=None)
@given(per_second=st.integers(1, 12), plans=PLANS)
def test_every_request_ends_in_its_time(per_second: int, plans: list[Plan]) -> None:
    ended = play(per_second, plans)

    # A request that was cancelled before it began has no outcome.
    assert all(each.at <= each.plan.at + each.plan.budget_s + _EPSILON_S for each in ended)
    assert all(each.at < each.plan.at + each.plan.budget_s for each in ended if each.kind == "granted")


@settings(max_examples=150, deadline=None)
@given(per_second=st.integers(1, 12), plans=PLANS)
def test_no_turn_goes_to_a_caller_who_had_more_than_one_who_waits(per_second: int, plans: list[Plan]) -> None:
    ended = play(per_second, plans)
    granted = [each for each in ended if each.kind == "granted"]

    for index, each in enumerate(granted):
        before = granted[:index]
        had = taken(before, each.at, each.plan.name, 4 * WINDOW_S)
        waiting = {other.plan.name for other in ended if other.waited_at(each.at)}
        assert all(taken(before, each.at, name, 4 * WINDOW_S) >= had for name in waiting)


@settings(max_examples=150, deadline=None)
@given(per_second=st.integers(1, 12), plans=PLANS)
def test_newcomer_waits_for_a_full_window_alone(per_second: int, plans: list[Plan]) -> None:
    ended = play(per_second, plans)
    granted = [each for each in ended if each.kind == "granted"]
    instants = sorted({each.at for each in ended} | {each.plan.at for each in ended})

    for first, second in pairwise(instants):
        between = (first + second) / 2
        for each in ended:
            if each.waited_at(between) and each.plan.at < first:
                full = taken(granted, between) == per_second
                assert full or taken(granted, between, each.plan.name, 4 * WINDOW_S) > 0


@settings(max_examples=100, deadline=None)
@given(per_second=st.integers(1, 12), names=st.text("abc", min_size=1, max_size=40))
def test_the_pace_is_never_below_what_the_partner_allows_while_some_wait(per_second: int, names: str) -> None:
    granted = play(per_second, [Plan(name, 0.0, 600.0, None) for name in names])

    at = [each.at for each in granted if each.kind == "granted"]
    assert all(
        late - early <= 2 * WINDOW_S + _EPSILON_S for early, late in zip(at, at[per_second:], strict=False)
    )
    rounds = (len(at) - 1) // per_second
    assert at[-1] <= (rounds + 1) * WINDOW_S
