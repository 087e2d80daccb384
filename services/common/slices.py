"""Cuts long work of a background thread into slices, so that the event loop never waits for its end.

Python runs one thread at a time. A thread that computes makes the others wait for several milliseconds at
each turn; after a pause, the event loop goes first.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

SLICE_ROWS = 200
"""Rows between two pauses; to decode or to index one takes a few microseconds."""

_PAUSE_S = 0.000_5


def in_slices(rows: Iterable[T]) -> Iterator[T]:
    """The rows, with a pause after each slice. Call it in a thread, never on the event loop."""
    for number, row in enumerate(rows, start=1):
        yield row
        if not number % SLICE_ROWS:
            time.sleep(_PAUSE_S)
