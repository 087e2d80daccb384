"""Not asking a service that keeps failing."""

from __future__ import annotations

import time
from collections.abc import Callable

from services.common.errors import UpstreamUnavailable


class CircuitBreaker:
    """Stops asking a service that keeps failing, so that its callers don't all wait for it.

    It is closed until `threshold` failures in a row, then open for `open_s`. Then one call is let
    through, the trial: the others are refused while it runs, and its end alone closes or opens again.
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
        """Say whether the call about to be made is the trial. Raises UpstreamUnavailable while open.

        Every call that enters must leave.
        """
        if self._failures < self._threshold:
            return False
        if self._trial_runs or self._clock() - self._opened_at < self._open_s:
            raise UpstreamUnavailable("not asked: it failed several times in a row")
        self._trial_runs = True
        return True

    def leave(self, *, worked: bool | None, trial: bool) -> None:
        """Take note of the end of a call; None when it says nothing of the service (it was cancelled)."""
        if trial:
            self._trial_runs = False
        elif self._failures >= self._threshold:
            return  # it was made before the opening, and says nothing of the service as it is now
        if worked:
            self._failures = 0
        elif worked is not None:
            self._failures += 1
            if self._failures >= self._threshold:
                self._opened_at = self._clock()
