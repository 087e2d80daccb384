"""Limits our requests to the partner, so that it never answers 429."""

from __future__ import annotations

import asyncio
from collections import deque

from services.common.errors import Overloaded

# The partner counts arrivals and we count departures: the network may bring two requests closer together.
_WINDOW_S = 1.05


class Pace:
    """At most `per_second` requests in any second, in the order of arrival."""

    def __init__(self, per_second: int) -> None:
        self._slots: deque[float] = deque(maxlen=per_second)
        self._per_second = per_second

    async def wait(self, ends_at: float) -> None:
        """Wait for a turn. Raises Overloaded at once if it would come after `ends_at`."""
        now = asyncio.get_running_loop().time()
        slot = now
        if len(self._slots) == self._per_second:
            slot = max(now, self._slots[0] + _WINDOW_S)
        if slot >= ends_at:
            raise Overloaded("trop de recherches d'offres en même temps ; réessayez dans quelques secondes")
        self._slots.append(slot)
        if slot > now:
            await asyncio.sleep(slot - now)
