"""Bounds the operations that run at once in a process: beyond them a short queue, then a refusal at once.

More operations at once would not be answered sooner: all would be late together, and their work in vain.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import Counter, Gauge

RUNNING = Gauge("lba_operations_running", "Operations that run now.", multiprocess_mode="livesum")
WAITING = Gauge(
    "lba_operations_waiting", "Operations that wait for others to end.", multiprocess_mode="livesum"
)
SHED = Counter("lba_operations_shed_total", "Operations refused because too many run or wait.")


class TooBusy(Exception):
    """As many operations run and wait as the process accepts."""


class Gate:
    """Lets operations in, first come first served."""

    def __init__(self, max_running: int, max_waiting: int, max_wait_s: float) -> None:
        self._free = max_running
        self._max_waiting = max_waiting
        self._max_wait_s = max_wait_s
        self._queue: dict[asyncio.Future[None], None] = {}

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        """Run the block when it is its turn. Raises TooBusy at once, or after the longest wait."""
        await self._enter()
        RUNNING.inc()
        try:
            yield
        finally:
            RUNNING.dec()
            self._leave()

    async def _enter(self) -> None:
        if self._free:
            self._free -= 1
            return
        if len(self._queue) >= self._max_waiting:
            SHED.inc()
            raise TooBusy
        turn = asyncio.get_running_loop().create_future()
        self._queue[turn] = None
        WAITING.inc()
        try:
            async with asyncio.timeout(self._max_wait_s):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                # The turn came while the wait ended: it is given to the next one.
                self._leave()
            if isinstance(error, TimeoutError):
                SHED.inc()
                raise TooBusy from None
            raise
        finally:
            WAITING.dec()
            self._queue.pop(turn, None)

    def _leave(self) -> None:
        """Give the place to the operation that has waited longest, if one waits."""
        while self._queue:
            turn = next(iter(self._queue))
            del self._queue[turn]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
