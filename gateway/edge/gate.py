"""Bounds the operations that run at once in a process: beyond them a short queue, then a refusal at once.

More operations at once would not be answered sooner: all would be late together, and their work in vain. Nor
can one caller take all places: each has a few, and of those who wait, the one with the fewest comes first.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prometheus_client import Counter as Metric
from prometheus_client import Gauge

RUNNING = Gauge("lba_operations_running", "Operations that run now.", multiprocess_mode="livesum")
WAITING = Gauge(
    "lba_operations_waiting", "Operations that wait for others to end.", multiprocess_mode="livesum"
)
SHED = Metric("lba_operations_shed_total", "Operations refused because too many run or wait.", ["whose"])


class TooBusy(Exception):
    """As many operations run and wait as are accepted.

    `of_caller` is whether they are those of one caller, and not of all together.
    """

    def __init__(self, *, of_caller: bool) -> None:
        super().__init__()
        self.of_caller = of_caller
        SHED.labels("caller" if of_caller else "all").inc()


@dataclass(frozen=True)
class Places:
    """How many operations may run, and how many may wait."""

    running: int
    waiting: int


class Gate:
    """Lets operations in, by fair turns between callers."""

    def __init__(self, all_together: Places, each_caller: Places, max_wait_s: float) -> None:
        self._all = all_together
        self._each = each_caller
        self._max_wait_s = max_wait_s
        self._running: Counter[str] = Counter()
        self._queue: dict[asyncio.Future[None], str] = {}
        """The turns of those who wait, with their callers, the one that came first in front."""

    @asynccontextmanager
    async def entered(self, caller: str) -> AsyncIterator[None]:
        """Run the block when it is its turn. Raises TooBusy at once, or after the longest wait."""
        await self._enter(caller)
        RUNNING.inc()
        try:
            yield
        finally:
            RUNNING.dec()
            self._leave(caller)

    async def _enter(self, caller: str) -> None:
        if self._has_room_for(caller):
            self._running[caller] += 1
            return
        if list(self._queue.values()).count(caller) >= self._each.waiting:
            raise TooBusy(of_caller=self._is_full_of(caller))
        if len(self._queue) >= self._all.waiting:
            raise TooBusy(of_caller=False)
        turn = asyncio.get_running_loop().create_future()
        self._queue[turn] = caller
        WAITING.inc()
        try:
            async with asyncio.timeout(self._max_wait_s):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                # The turn came as the wait ended: it goes to the next one.
                self._leave(caller)
            if isinstance(error, TimeoutError):
                raise TooBusy(of_caller=self._is_full_of(caller)) from None
            raise
        finally:
            WAITING.dec()
            self._queue.pop(turn, None)

    def _leave(self, caller: str) -> None:
        """Free a place, and give it to the caller who waits with the fewest operations running."""
        self._running[caller] -= 1
        if not self._running[caller]:
            del self._running[caller]
        # The turn of a client that left is done, and is taken out of the queue in a moment.
        turns = [each for each, who in self._queue.items() if not each.done() and self._has_room_for(who)]
        if turns:
            turn = min(turns, key=lambda each: self._running[self._queue[each]])
            self._running[self._queue.pop(turn)] += 1
            turn.set_result(None)

    def _has_room_for(self, caller: str) -> bool:
        return self._running.total() < self._all.running and not self._is_full_of(caller)

    def _is_full_of(self, caller: str) -> bool:
        return self._running[caller] >= self._each.running
