"""A short-lived cache of answers, which shares calls in flight."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from services.common.single_flight import SingleFlight

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """A cache with limits of size and age, and one call in flight for each key.

    Times are those of the event loop's clock. Errors, and answers for which `keep` is false, are given to the
    waiting callers and not stored.
    """

    def __init__(self, age_s: float, entries: int, keep: Callable[[V], bool]) -> None:
        self._age_s = age_s
        self._entries = entries
        self._keep = keep
        self._answers: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._flights: SingleFlight[K, V] = SingleFlight(kept=True)

    async def get(self, key: K, ask: Callable[[float], Awaitable[V]], ends_at: float) -> V:
        """The answer for `key`, from the cache or from `ask(ends_at)`. Raises TimeoutError after `ends_at`.

        A caller that leaves does not cancel the call, since its answer serves other callers.
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
