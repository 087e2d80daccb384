"""How much work something is, in a unit that does not depend on the machine."""

from __future__ import annotations

import cProfile
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


def calls_made_by(action: Callable[[], object]) -> int:
    """The number of calls of functions, those written in C included."""
    profile = cProfile.Profile()
    profile.runcall(action)
    return sum(entry.callcount for entry in profile.getstats())


@contextmanager
def called_on_this_thread() -> Iterator[set[str]]:
    """The qualified names of the Python functions that this thread calls in the block.

    In a test of the event loop, they are those that the loop waits for.
    """
    names: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            names.add(frame.f_code.co_qualname)

    sys.setprofile(note)
    try:
        yield names
    finally:
        sys.setprofile(None)
