"""Answers kept for a short while, each asked for once however many wait for it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from services.common.single_flight import SingleFlight

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """A bounded cache with an age limit and one call in flight for each key.

    Times are those of the event loop. An answer for which `keep` is false is given to those who wait
    and forgotten; so is an error.
    """

    def __init__(self, age_s: float, entries: int, keep: Callable[[V], bool]) -> None:
        self._age_s = age_s
        self._entries = entries
        self._keep = keep
        self._answers: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._flights: SingleFlight[K, V] = SingleFlight(kept=True)

    async def get(self, key: K, ask: Callable[[float], Awaitable[V]], ends_at: float) -> V:
        """The answer to `key`, kept or had from `ask(ends_at)`. Raises TimeoutError after `ends_at`.

        Whoever waits may leave without stopping the question: others may wait for it, and its answer
        serves the next to come.
        """
        kept = self._answers.get(key)
        if kept is not None and asyncio.get_running_loop().time() - kept[0] < self._age_s:
            self._answers.move_to_end(key)
            return kept[1]

        async def ask_in_time() -> V:
            async with asyncio.timeout_at(ends_at):
                answer = await ask(ends_at)
            self._remember(key, answer)
            return answer

        return await self._flights.join(key, ask_in_time, ends_at)

    def _remember(self, key: K, answer: V) -> None:
        if self._keep(answer):
            self._answers[key] = (asyncio.get_running_loop().time(), answer)
            self._answers.move_to_end(key)
            while len(self._answers) > self._entries:
                self._answers.popitem(last=False)
