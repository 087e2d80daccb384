"""Gives each caller a number of points in ten seconds, so that none takes the service from the others.

The time is short, so that a caller who stayed silent can't save up points for a long attack.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from gateway.edge.callers import Caller

WINDOW_S = 10


@dataclass(frozen=True)
class Share:
    """What is left of a caller's points.

    https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/07/ describes the headers.
    """

    limit: int
    remaining: int
    reset_s: int
    """Seconds until the window ends."""

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Policy": f"{self.limit};w={WINDOW_S}",
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }


class FairUse:
    """Counts the points that each caller spends in this process, in a sliding window."""

    def __init__(self, per_address: int, per_partner: int) -> None:
        """The points of an address, and of a partner with an API key; 0 for no limit."""
        self._storage = MemoryStorage()
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)
        self._of_address = RateLimitItemPerSecond(per_address, WINDOW_S)
        self._of_partner = RateLimitItemPerSecond(per_partner, WINDOW_S)

    def spend(self, caller: Caller, points: int) -> bool:
        """Take points from the caller's share; False, and nothing is taken, if too few are left."""
        item = self._item(caller)
        return not item.amount or self._limiter.hit(item, caller.name, cost=points)

    def share(self, caller: Caller) -> Share | None:
        """What is left; None without a limit."""
        item = self._item(caller)
        if not item.amount:
            return None
        before, before_ends_s, now, _ = self._window(item, caller)
        spent = now + before * before_ends_s / WINDOW_S
        return Share(item.amount, max(0, item.amount - math.ceil(spent)), _window_ends_s())

    def wait_s(self, caller: Caller, points: int) -> int:
        """Seconds after which the caller may spend these points, at least 1."""
        item = self._item(caller)
        before, before_ends_s, now, _ = self._window(item, caller)
        excess = now + before * before_ends_s / WINDOW_S + points - item.amount
        if now + points <= item.amount and before:
            # The count of the window before shrinks evenly.
            return max(1, math.ceil(excess * WINDOW_S / before))
        return _window_ends_s()

    def _item(self, caller: Caller) -> RateLimitItemPerSecond:
        return self._of_partner if caller.partner else self._of_address

    def _window(self, item: RateLimitItemPerSecond, caller: Caller) -> tuple[int, float, int, float]:
        return self._storage.get_sliding_window(item.key_for(caller.name), WINDOW_S)


def _window_ends_s() -> int:
    """Seconds until the library's window ends, at least 1."""
    return max(1, math.ceil(WINDOW_S - time.time() % WINDOW_S))
