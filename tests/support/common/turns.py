"""An event loop whose clock a test moves: nothing sleeps, and what happens in one turn is known."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import Any


class TurnedLoop(asyncio.SelectorEventLoop):
    """Its time moves with `advance` only; it keeps what asyncio complains about."""

    def __init__(self) -> None:
        self._now = 100.0
        super().__init__()
        self.complaints: list[str] = []
        self.set_exception_handler(lambda _, context: self.complaints.append(str(context["message"])))

    def time(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Make that much time pass; what was due happens in the next turns."""
        self._now += seconds


async def turns(count: int) -> None:
    """Let everything that is ready go on, that many times."""
    for _ in range(count):
        await asyncio.sleep(0)


def play(scene: Callable[[TurnedLoop], Coroutine[Any, Any, None]]) -> None:
    """Run the scene on such a loop, and refuse it if asyncio had to complain, now or at collection."""
    loop = TurnedLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(scene(loop))
        gc.collect(1)  # what this scene left is young
    assert loop.complaints == []
