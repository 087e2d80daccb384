"""The time that the request being served has left, so that a store or a partner gets the rest of it."""

from __future__ import annotations

import time
from contextvars import ContextVar

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


def start(remaining_s: float | None) -> None:
    """Say how long the current request may still take; None means that its client set no limit."""
    _ends_at.set(None if remaining_s is None else time.monotonic() + remaining_s)


def remaining_s(at_most: float) -> float:
    """Seconds left to the current request, never above `at_most` nor below a millisecond."""
    ends_at = _ends_at.get()
    if ends_at is None:
        return at_most
    return max(0.001, min(at_most, ends_at - time.monotonic()))


def ends_at(at_most: float) -> float:
    """When the current request ends, or in `at_most` seconds if that is sooner; on the event loop's clock.

    The same number for all calls of one request, which a sum of the time and what remains is not.
    """
    latest, own = time.monotonic() + at_most, _ends_at.get()
    return latest if own is None else min(latest, own)
