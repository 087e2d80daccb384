"""Not asking a service that keeps failing."""

from __future__ import annotations

import time

from services.common.errors import UpstreamUnavailable


class CircuitBreaker:
    """Stops asking a service that keeps failing, so that its callers don't all wait for it.

    Closed until `threshold` failures in a row; then open for `open_s`; then one call is let through,
    and its end decides.
    """

    def __init__(self, threshold: int = 5, open_s: float = 1.0) -> None:
        self._threshold = threshold
        self._open_s = open_s
        self._failures = 0
        self._opened_at = 0.0

    def check(self) -> None:
        """Raise UpstreamUnavailable while open."""
        if self._failures < self._threshold:
            return
        now = time.monotonic()
        if now - self._opened_at < self._open_s:
            raise UpstreamUnavailable("not asked: it failed several times in a row")
        # This call is the trial; others wait for another period, or for its success.
        self._opened_at = now

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= self._threshold:
            self._opened_at = time.monotonic()
