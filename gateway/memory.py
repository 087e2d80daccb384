"""The settings of the garbage collector, for a process that runs long and answers fast."""

from __future__ import annotations

import gc

THRESHOLDS = (5_000, 20, 20)
"""A request makes some thousand objects, nearly all freed by their count: with the default of 700 the
collector runs several times in each answer, and looks at the whole schema every now and then.
"""


def settle() -> None:
    """Call it once everything that stays as long as the process is there: it won't be looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
