"""Identical calls in flight are made once: whoever asks for the same thing meanwhile shares the call."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from services.common import deadline
from services.common.errors import DeadlineExceeded, ServiceError

log = structlog.get_logger(__name__)

_TOO_LITTLE_S = 0.05
"""A caller with no more time left than this does not have another call made."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(eq=False, slots=True)
class _Flight(Generic[V]):
    """A call that was made and has not ended yet."""

    task: asyncio.Task[V]
    ends_at: float
    waiting: int = 0

    def ends_much_before(self, ends_at: float) -> bool:
        """Whether it gives up when a caller who has until `ends_at` has more than half of its time left."""
        now = asyncio.get_running_loop().time()
        return ends_at - now > _TOO_LITTLE_S and self.ends_at - now < (ends_at - now) / 2


class SingleFlight(Generic[K, V]):
    """Shares the calls in flight, each under its key. Times are those of the event loop.

    A caller that leaves does not disturb the others. When the last of them leaves, the call is cancelled
    and its key is free at once; with `kept` it goes on, for its answer will serve those who come next.
    A kept call is not bound by the deadline of the request that happened to start it.
    """

    def __init__(self, *, kept: bool = False) -> None:
        self._kept = kept
        self._flights: dict[K, _Flight[V]] = {}
        # The event loop alone would let a cancelled call be collected before it has cleaned up.
        self._tasks: set[asyncio.Task[V]] = set()

    async def join(self, key: K, ask: Callable[[], Awaitable[V]], ends_at: float = math.inf) -> V:
        """What `ask()` answers, called now or in flight already; whatever it raises reaches all who wait.

        `ends_at` is the end of the caller's time: `ask` keeps to it by itself, and whoever joins a call
        that may last longer gets a TimeoutError then. A call that ends much before `ends_at` is not
        joined, nor does its running out of time fail us: another one is made with the time that is left,
        unless that is a few milliseconds.
        """
        while True:
            flight = self._flights.get(key)
            if flight is None or flight.task.done() or flight.ends_much_before(ends_at):
                flight = self._take_off(key, ask, ends_at)
            try:
                return await self._wait(key, flight, ends_at)
            except (TimeoutError, DeadlineExceeded):
                if not flight.ends_much_before(ends_at):
                    raise

    def start(self, key: K, ask: Callable[[], Awaitable[V]]) -> None:
        """Make a kept call without waiting for it, unless it is in flight already."""
        if key not in self._flights:
            self._take_off(key, ask, math.inf)

    def _take_off(self, key: K, ask: Callable[[], Awaitable[V]], ends_at: float) -> _Flight[V]:
        flight = _Flight(asyncio.create_task(self._fly(ask)), ends_at)
        self._flights[key] = flight
        self._tasks.add(flight.task)
        flight.task.add_done_callback(lambda _: self._land(key, flight))
        return flight

    async def _fly(self, ask: Callable[[], Awaitable[V]]) -> V:
        if self._kept:
            deadline.start(None)
        return await ask()

    async def _wait(self, key: K, flight: _Flight[V], ends_at: float) -> V:
        flight.waiting += 1
        try:
            # A call that ends by itself in time needs no second clock, which could be a little early.
            async with asyncio.timeout_at(ends_at if flight.ends_at > ends_at else None):
                return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not self._kept and not flight.task.done():
                self._free(key, flight)
                flight.task.cancel()

    def _land(self, key: K, flight: _Flight[V]) -> None:
        self._tasks.discard(flight.task)
        self._free(key, flight)
        # Reading the error also tells asyncio that somebody looked at it.
        error = None if flight.task.cancelled() else flight.task.exception()
        if flight.waiting or error is None or isinstance(error, ServiceError | TimeoutError):
            return
        log.error("unexpected error in a call that nobody waits for", exc_info=error)

    def _free(self, key: K, flight: _Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
