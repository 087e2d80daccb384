"""The circuit breaker of a service (https://martinfowler.com/bliki/CircuitBreaker.html)."""

from __future__ import annotations

import time
from collections.abc import Callable

from services.common.errors import UpstreamUnavailable


class CircuitBreaker:
    """Refuses calls to a service that keeps failing, so that callers don't wait for it in vain.

    It is closed until `threshold` failures in a row, then open for `open_s` seconds. Then one call is let
    through as a trial. Other calls are refused during the trial, and its result closes or opens the breaker.
    """

    def __init__(
        self, threshold: int = 5, open_s: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._threshold = threshold
        self._open_s = open_s
        self._clock = clock
        self._failures = 0
        self._opened_at = 0.0
        self._trial_runs = False

    def enter(self) -> bool:
        """Register a call, and return whether it is the trial. Raises UpstreamUnavailable while open.

        Each call to `enter` needs a call to `leave`.
        """
        if self._failures < self._threshold:
            return False
        if self._trial_runs or self._clock() - self._opened_at < self._open_s:
            raise UpstreamUnavailable("not asked: it failed several times in a row")
        self._trial_runs = True
        return True

    def leave(self, *, worked: bool | None, trial: bool) -> None:
        """Register the end of a call; None when it says nothing about the service (it was cancelled)."""
        if trial:
            self._trial_runs = False
        elif self._failures >= self._threshold:
            return  # The call began before the breaker opened, so its result is out of date.
        if worked:
            self._failures = 0
        elif worked is not None:
            self._failures += 1
            if self._failures >= self._threshold:
                self._opened_at = self._clock()
