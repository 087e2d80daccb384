"""The garbage collector of a process that runs long, holds much data and answers fast.

A full collection looks at all objects, and nothing else runs meanwhile: 50 to 100 ms for the tables of a
catalogue. Frozen objects (https://docs.python.org/3/library/gc.html#gc.freeze) are not looked at. They are
still freed by their reference counts, so tables must not be in circles of references.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

T = TypeVar("T")

THRESHOLDS = (5_000, 20, 20)
"""Allocations before each generation is collected: https://docs.python.org/3/library/gc.html#gc.set_threshold.

A request allocates thousands of objects, and reference counting frees nearly all. With the default of 700 the
collector would run several times for each answer, and sometimes traverse all that the process holds.
"""

_one_build = Lock()


def tune_collector() -> None:
    """Exclude all present objects from collection, and collect less often. Call it at the end of start-up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


def build_frozen(build: Callable[[], T]) -> T:
    """The result of `build`. No collection runs meanwhile, and all objects of the process are then frozen."""
    with _one_build:
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            return build()
        finally:
            gc.freeze()
            if was_enabled:
                gc.enable()
