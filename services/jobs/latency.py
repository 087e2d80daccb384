"""How long the partner takes for an answer, measured on its latest ones."""

from __future__ import annotations

import asyncio
from collections import deque
from statistics import median

_ANSWERS = 31
_AGE_S = 10.0
"""Older measures are forgotten: when no request has enough time any more, the partner is tried again."""


class Latency:
    """The median time of the partner's latest answers. A request that got no answer is not counted."""

    def __init__(self) -> None:
        self._measures: deque[tuple[float, float]] = deque(maxlen=_ANSWERS)

    def add(self, seconds: float) -> None:
        """Count an answer that came now."""
        self._measures.append((asyncio.get_running_loop().time(), seconds))

    def typical_s(self) -> float:
        """Seconds in which half of the answers came; 0 when there was none in the last ten seconds."""
        since = asyncio.get_running_loop().time() - _AGE_S
        while self._measures and self._measures[0][0] < since:
            self._measures.popleft()
        return median(seconds for _, seconds in self._measures) if self._measures else 0.0
