"""The settings of the garbage collector, for a process that runs long and answers fast."""

from __future__ import annotations

import gc

THRESHOLDS = (5_000, 20, 20)
"""Allocations before each generation is collected: https://docs.python.org/3/library/gc.html#gc.set_threshold.

A request allocates thousands of objects, and reference counting frees nearly all. With the default of 700 the
collector would run several times for each answer, and sometimes traverse the whole schema.
"""


def tune_collector() -> None:
    """Exclude all present objects from collection, and collect less often. Call it at the end of start-up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
