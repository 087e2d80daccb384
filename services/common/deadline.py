"""The deadline of the current request, from which stores and partners get their timeouts."""

from __future__ import annotations

import math
import time
from contextvars import ContextVar

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)
_budget_s: ContextVar[float] = ContextVar("budget_s", default=math.inf)


def start(remaining_s: float | None) -> None:
    """Set the time that the current request has left; None if its client set no deadline."""
    _ends_at.set(None if remaining_s is None else time.monotonic() + remaining_s)
    _budget_s.set(math.inf if remaining_s is None else remaining_s)


def is_mostly_left() -> bool:
    """Whether the current request still has at least half of the time that it started with."""
    ends_at = _ends_at.get()
    return ends_at is None or ends_at - time.monotonic() >= _budget_s.get() / 2


def remaining_s(at_most: float) -> float:
    """Seconds that the current request has left, between a millisecond and `at_most`."""
    ends_at = _ends_at.get()
    if ends_at is None:
        return at_most
    return max(0.001, min(at_most, ends_at - time.monotonic()))


def ends_at(at_most: float) -> float:
    """When the current request ends, or in `at_most` seconds if that is sooner; on the event loop's clock.

    It is the same number for all calls of one request. The clock plus `remaining_s` would not be.
    """
    latest, own = time.monotonic() + at_most, _ends_at.get()
    return latest if own is None else min(latest, own)
