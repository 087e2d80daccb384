"""An event loop whose clock jumps to what comes next, so that waiting takes no time and is exact."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Lets virtual time pass instead of waiting for a file."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "nothing will happen any more"
        self.now_s += max(0.0, timeout)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now_s


def run_in_virtual_time(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what waits for the loop's clock alone: no socket, no other process."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(coroutine)
