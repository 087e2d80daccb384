"""A short-lived cache of answers, which shares calls in flight."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from services.common.caller import caller
from services.common.errors import Overloaded
from services.common.single_flight import SingleFlight
from services.jobs.callers import Callers, sharing
from services.jobs.metrics import SAVED

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values with limits of age, in seconds of the event loop, and of number; the least used makes room."""

    def __init__(self, age_s: float, entries: int) -> None:
        self._age_s = age_s
        self._entries = entries
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value if it is young enough."""
        kept = self._values.get(key)
        if kept is None:
            return None
        if not self._is_young(kept[0]):
            del self._values[key]
            return None
        self._values.move_to_end(key)
        return kept[1]

    def set(self, key: K, value: V) -> None:
        self._values[key] = (asyncio.get_running_loop().time(), value)
        self._values.move_to_end(key)
        while len(self._values) > self._entries:
            self._values.popitem(last=False)

    def discard(self, key: K) -> None:
        self._values.pop(key, None)

    def values(self) -> Iterator[V]:
        """All values that are young enough."""
        return (value for at, value in self._values.values() if self._is_young(at))

    def _is_young(self, at: float) -> bool:
        return asyncio.get_running_loop().time() - at < self._age_s


class Memo(Generic[K, V]):
    """A cache with limits of size and age, and one call in flight for each key.

    Times are those of the event loop's clock. Errors, and answers for which `keep` is false, are given to the
    waiting callers and not stored. A call is made in the name of all that wait for it, and is cancelled when
    the last of them leaves.
    """

    def __init__(self, age_s: float, entries: int, keep: Callable[[V], bool]) -> None:
        self.kept: Kept[K, V] = Kept(age_s, entries)
        self._keep = keep
        self._flights: SingleFlight[K, V] = SingleFlight()
        self._callers: dict[K, Callers] = {}

    async def get(self, key: K, ask: Callable[[float], Awaitable[V]], ends_at: float) -> V:
        """The answer for `key`, from the cache or from `ask(ends_at)`. Raises TimeoutError after `ends_at`.

        A call of other callers that is refused as Overloaded, on their share, is made again for this caller.
        """
        kept = self.kept.get(key)
        if kept is not None:
            SAVED.labels("cached").inc()
            return kept
        asked = False

        async def ask_in_time() -> V:
            nonlocal asked
            asked = True
            sharing.set(callers)
            async with asyncio.timeout_at(ends_at):
                answer = await ask(ends_at)
            if self._keep(answer):
                self.kept.set(key, answer)
            return answer

        with self._joined(key) as callers:
            try:
                return await self._flights.join(key, ask_in_time, ends_at)
            except Overloaded:
                if asked:
                    raise
                return await self._flights.join(key, ask_in_time, ends_at)

    @contextmanager
    def _joined(self, key: K) -> Iterator[Callers]:
        callers = self._callers.setdefault(key, Callers())
        try:
            with callers.joined_by(caller.get()):
                yield callers
        finally:
            if not callers:
                del self._callers[key]
