from __future__ import annotations

import pytest

from gateway.upstream.breaker import CircuitBreaker
from services.common.errors import UpstreamUnavailable
from tests.support.clock import HandClock

OPEN_S = 10.0


class Breaker:
    """A breaker of two failures, and its calls."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self._breaker = CircuitBreaker(threshold=2, open_s=OPEN_S, clock=self.clock)

    def call(self, *, worked: bool | None) -> None:
        self.end(self.begin(), worked=worked)

    def begin(self) -> bool:
        return self._breaker.enter()

    def end(self, trial: bool, *, worked: bool | None) -> None:
        self._breaker.leave(worked=worked, trial=trial)

    def is_refused(self) -> bool:
        """Ask to begin a call, and give it back at once when it may."""
        try:
            trial = self.begin()
        except UpstreamUnavailable:
            return True
        self.end(trial, worked=None)
        return False


@pytest.fixture
def breaker() -> Breaker:
    return Breaker()


@pytest.fixture
def opened(breaker: Breaker) -> Breaker:
    for _ in range(2):
        breaker.call(worked=False)
    return breaker


def test_only_failures_in_a_row_open_it(breaker: Breaker) -> None:
    for worked in (False, True, False, None):
        breaker.call(worked=worked)
    assert not breaker.is_refused()

    breaker.call(worked=False)

    assert breaker.is_refused()


def test_it_refuses_until_its_time_is_over(opened: Breaker) -> None:
    opened.clock.pass_s(OPEN_S - 0.01)
    assert opened.is_refused()

    opened.clock.pass_s(0.01)

    assert not opened.is_refused()


def test_others_are_refused_while_the_trial_runs_however_long_it_takes(opened: Breaker) -> None:
    opened.clock.pass_s(OPEN_S)
    trial = opened.begin()
    assert trial

    for _ in range(3):
        assert opened.is_refused()
        opened.clock.pass_s(OPEN_S)


def test_a_trial_that_works_closes_it(opened: Breaker) -> None:
    opened.clock.pass_s(OPEN_S)
    opened.call(worked=True)

    assert [opened.begin() for _ in range(3)] == [False] * 3
    opened.call(worked=False)
    assert not opened.is_refused()


def test_a_trial_that_fails_opens_it_for_a_whole_period(opened: Breaker) -> None:
    opened.clock.pass_s(OPEN_S)
    trial = opened.begin()
    opened.clock.pass_s(OPEN_S)
    opened.end(trial, worked=False)

    opened.clock.pass_s(OPEN_S - 0.01)
    assert opened.is_refused()
    opened.clock.pass_s(0.01)
    assert opened.begin()


def test_a_trial_that_is_cancelled_leaves_its_place_to_the_next_call(opened: Breaker) -> None:
    opened.clock.pass_s(OPEN_S)
    opened.call(worked=None)

    assert opened.begin()
    assert opened.is_refused()


@pytest.mark.parametrize("worked", [True, False])
def test_calls_made_before_it_opened_decide_nothing(breaker: Breaker, worked: bool) -> None:
    late = [breaker.begin() for _ in range(4)]
    breaker.end(late[0], worked=False)
    breaker.end(late[1], worked=False)

    breaker.clock.pass_s(OPEN_S - 1)
    breaker.end(late[2], worked=worked)
    assert breaker.is_refused()
    breaker.clock.pass_s(1)
    trial = breaker.begin()
    breaker.end(late[3], worked=worked)

    assert trial
    assert breaker.is_refused()
