"""Shares identical calls: while one is in flight, callers with the same key wait for it."""

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
"""A caller with less time left than this does not start a new call."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(eq=False, slots=True)
class _Flight(Generic[V]):
    """A call in flight."""

    task: asyncio.Task[V]
    ends_at: float
    waiting: int = 0

    def ends_much_before(self, ends_at: float) -> bool:
        """Whether it ends before half the time of a caller with the deadline `ends_at`."""
        now = asyncio.get_running_loop().time()
        return ends_at - now > _TOO_LITTLE_S and self.ends_at - now < (ends_at - now) / 2


class SingleFlight(Generic[K, V]):
    """Shares the calls in flight, each under its key. Times are those of the event loop.

    A caller that leaves does not affect the others. When the last one leaves, the call is cancelled and its
    key is free at once. With `kept` the call goes on, since its answer will serve later callers, and it is
    not bound by the deadline of the request that started it.
    """

    def __init__(self, *, kept: bool = False) -> None:
        self._kept = kept
        self._flights: dict[K, _Flight[V]] = {}
        # The event loop keeps weak references: a cancelled task could be collected before its clean-up.
        self._tasks: set[asyncio.Task[V]] = set()

    async def join(self, key: K, ask: Callable[[], Awaitable[V]], ends_at: float = math.inf) -> V:
        """The result of `ask()`, which is called now or in flight already. All callers get its exception.

        `ends_at` is the deadline of the caller. `ask` must respect it, and a caller that joined a longer call
        gets a TimeoutError then. A call that ends much before `ends_at` is not joined. If a joined call runs
        out of time, another call is made with the time left, unless that is a few milliseconds.
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
        """Start a kept call without waiting for it, unless it is in flight already."""
        if key not in self._flights:
            self._take_off(key, ask, math.inf)

    async def close(self) -> None:
        """Cancel what is in flight, before what the calls use is closed."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

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
            # A call that respects its own deadline needs no second timeout, which might fire a little early.
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
        # Reading the exception marks it as retrieved for asyncio.
        error = None if flight.task.cancelled() else flight.task.exception()
        if flight.waiting or error is None or isinstance(error, ServiceError | TimeoutError):
            return
        log.error("unexpected error in a call that nobody waits for", exc_info=error)

    def _free(self, key: K, flight: _Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
