"""Answers kept for a short while, each asked for once however many wait for it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True)
class _Flight(Generic[V]):
    """A question that was asked and is not answered yet."""

    task: asyncio.Task[V]
    ends_at: float


class Memo(Generic[K, V]):
    """A bounded cache with an age limit and a single flight for each key.

    Times are those of the event loop. An answer for which `keep` is false is given to those who wait
    and forgotten; so is an error.
    """

    def __init__(self, age_s: float, entries: int, keep: Callable[[V], bool]) -> None:
        self._age_s = age_s
        self._entries = entries
        self._keep = keep
        self._answers: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._flights: dict[K, _Flight[V]] = {}

    async def get(self, key: K, ask: Callable[[float], Awaitable[V]], ends_at: float) -> V:
        """The answer to `key`, kept or had from `ask(ends_at)`. Raises TimeoutError after `ends_at`.

        Whoever waits may leave without stopping the question: others may wait for it, and its answer
        serves the next to come.
        """
        now = asyncio.get_running_loop().time()
        kept = self._answers.get(key)
        if kept is not None and now - kept[0] < self._age_s:
            self._answers.move_to_end(key)
            return kept[1]
        flight = self._flights.get(key)
        # A flight that will be given up much before us would fail us without reason: start another.
        if flight is None or flight.ends_at - now < (ends_at - now) / 2:
            flight = self._take_off(key, ask, ends_at)
        async with asyncio.timeout_at(ends_at):
            return await asyncio.shield(flight.task)

    def _take_off(self, key: K, ask: Callable[[float], Awaitable[V]], ends_at: float) -> _Flight[V]:
        async def fly() -> V:
            async with asyncio.timeout_at(ends_at):
                return await ask(ends_at)

        flight = _Flight(asyncio.create_task(fly()), ends_at)
        self._flights[key] = flight
        flight.task.add_done_callback(lambda _: self._land(key, flight))
        return flight

    def _land(self, key: K, flight: _Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        # Reading the exception also tells asyncio that somebody looked at it.
        if flight.task.cancelled() or flight.task.exception() is not None:
            return
        answer = flight.task.result()
        if self._keep(answer):
            self._answers[key] = (asyncio.get_running_loop().time(), answer)
            self._answers.move_to_end(key)
            while len(self._answers) > self._entries:
                self._answers.popitem(last=False)
