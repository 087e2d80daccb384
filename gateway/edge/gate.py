"""Bounds the operations that run at once in a process: beyond them a short queue, then a refusal at once.

More operations at once would not be answered sooner: all would be late together, and their work in vain. Nor
can one caller take all places: each has a few, and of those who wait, the one with the fewest comes first. A
place rests after an operation that kept the event loop to itself, as to read a long document, so that others'
operations, which need the loop many times, come to their turns.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from prometheus_client import Counter as Metric
from prometheus_client import Gauge

T = TypeVar("T")

REST = 6.0
"""How many times as long as an operation was busy its place rests: two places take 2/7 of the event loop."""

_LEAST_REST_S = 0.001
_FADES_S = 5.0
_MAX_RETRY_S = 10

RUNNING = Gauge("lba_operations_running", "Operations that run now.", multiprocess_mode="livesum")
WAITING = Gauge(
    "lba_operations_waiting", "Operations that wait for others to end.", multiprocess_mode="livesum"
)
SHED = Metric("lba_operations_shed_total", "Operations refused because too many run or wait.", ["whose"])


class TooBusy(Exception):
    """As many operations run and wait as are accepted.

    `of_caller` is whether they are those of one caller, and not of all together. After `retry_s` seconds
    there will be room, if those who are refused now come back evenly.
    """

    def __init__(self, *, of_caller: bool, retry_s: int) -> None:
        super().__init__()
        self.of_caller = of_caller
        self.retry_s = retry_s
        SHED.labels("caller" if of_caller else "all").inc()


@dataclass(frozen=True)
class Places:
    """How many operations may run, and how many may wait."""

    running: int
    waiting: int


@dataclass
class Turn:
    """One operation that runs."""

    busy_s: float = 0.0
    """Seconds for which it kept the event loop to itself."""

    async def timed(self, operation: Coroutine[Any, Any, T]) -> T:
        """Run an operation, and measure how long its steps keep the event loop."""
        return await _Timed(operation, self)


class _Timed(Awaitable[T]):
    def __init__(self, operation: Coroutine[Any, Any, T], turn: Turn) -> None:
        self._operation = operation
        self._turn = turn

    def __await__(self) -> Generator[Any, Any, T]:
        step: Callable[[], Any] = partial(self._operation.send, None)
        while True:
            began = time.perf_counter()
            try:
                waited_for = step()
            except StopIteration as ended:
                result: T = ended.value
                return result
            finally:
                self._turn.busy_s += time.perf_counter() - began
            try:
                step = partial(self._operation.send, (yield waited_for))
            except BaseException as error:  # noqa: BLE001 - the operation decides what becomes of it
                step = partial(self._operation.throw, error)


class _Recent:
    """Counts events, each of which fades in a few seconds."""

    def __init__(self) -> None:
        self._count = 0.0
        self._at = time.monotonic()

    def add(self) -> None:
        self._count = self.now() + 1

    def now(self) -> float:
        elapsed_s, self._at = time.monotonic() - self._at, time.monotonic()
        self._count *= math.exp(-elapsed_s / _FADES_S)
        return self._count


class Gate:
    """Lets operations in, by fair turns between callers."""

    def __init__(self, all_together: Places, each_caller: Places, max_wait_s: float) -> None:
        self._all = all_together
        self._each = each_caller
        self._max_wait_s = max_wait_s
        self._served, self._shed = _Recent(), _Recent()
        self._running = 0
        self._taken: Counter[str] = Counter()
        """The places of each caller, those that rest included."""
        self._queue: dict[asyncio.Future[None], str] = {}
        """The turns of those who wait, with their callers, the one that came first in front."""

    @asynccontextmanager
    async def entered(self, caller: str) -> AsyncIterator[Turn]:
        """Run the block when it is its turn. Raises TooBusy at once, or after the longest wait."""
        await self._enter(caller)
        RUNNING.inc()
        turn = Turn()
        try:
            yield turn
        finally:
            RUNNING.dec()
            self._served.add()
            self._running -= 1
            rest_s = turn.busy_s * REST
            if rest_s > _LEAST_REST_S:
                asyncio.get_running_loop().call_later(rest_s, self._free, caller)
                self._let_in()
            else:
                self._free(caller)

    async def _enter(self, caller: str) -> None:
        self.check(caller)
        if self._has_room_for(caller):
            self._take(caller)
            return
        turn = asyncio.get_running_loop().create_future()
        self._queue[turn] = caller
        WAITING.inc()
        try:
            async with asyncio.timeout(self._max_wait_s):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                # The turn came as the wait ended: it goes to the next one.
                self._running -= 1
                self._free(caller)
            if isinstance(error, TimeoutError):
                raise self._too_busy(of_caller=self._is_full_of(caller)) from None
            raise
        finally:
            WAITING.dec()
            self._queue.pop(turn, None)

    def check(self, caller: str) -> None:
        """Raise TooBusy if an operation that came now could not even wait."""
        if self._has_room_for(caller):
            return
        if len(self._queue) >= self._all.waiting:
            raise self._too_busy(of_caller=False)
        if list(self._queue.values()).count(caller) >= self._each.waiting:
            raise self._too_busy(of_caller=self._is_full_of(caller))

    def _too_busy(self, *, of_caller: bool) -> TooBusy:
        self._shed.add()
        refused_for_each_served = self._shed.now() / max(1.0, self._served.now())
        return TooBusy(of_caller=of_caller, retry_s=min(_MAX_RETRY_S, 1 + round(refused_for_each_served)))

    def _take(self, caller: str) -> None:
        self._running += 1
        self._taken[caller] += 1

    def _free(self, caller: str) -> None:
        """Give a caller its place back."""
        self._taken[caller] -= 1
        if not self._taken[caller]:
            del self._taken[caller]
        self._let_in()

    def _let_in(self) -> None:
        """Let in who waits with the fewest places taken, as long as there is room."""
        while True:
            # The turn of a client that left is done, and is taken out of the queue in a moment.
            turns = [each for each, who in self._queue.items() if not each.done() and self._has_room_for(who)]
            if not turns:
                return
            turn = min(turns, key=lambda each: self._taken[self._queue[each]])
            self._take(self._queue.pop(turn))
            turn.set_result(None)

    def _has_room_for(self, caller: str) -> bool:
        return self._running < self._all.running and not self._is_full_of(caller)

    def _is_full_of(self, caller: str) -> bool:
        return self._taken[caller] >= self._each.running
