"""The scores of a ranked list from the grades of its rows: nDCG and success.

nDCG: https://en.wikipedia.org/wiki/Discounted_cumulative_gain
"""

from __future__ import annotations

import math
from collections.abc import Sequence

DEPTH = 10
"""Number of rows that nDCG takes into account."""

SUCCESS_DEPTH = 3


def ndcg(grades: Sequence[int], available: Sequence[int], depth: int = DEPTH) -> float:
    """The gain of the first rows divided by that of the best possible order of all available rows.

    It is 0 when no available row has a positive grade.
    """
    best = _gain(sorted(available, reverse=True)[:depth])
    return _gain(grades[:depth]) / best if best else 0.0


def success(grades: Sequence[int], best: int, depth: int = SUCCESS_DEPTH) -> bool:
    """Whether one of the first rows has the best possible grade."""
    return best > 0 and max(grades[:depth], default=0) >= best


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1.0) / math.log2(rank + 2) for rank, grade in enumerate(grades))
