"""How good a ranked list is, from the grades of its rows: nDCG and success, as usual in search."""

from __future__ import annotations

import math
from collections.abc import Sequence

DEPTH = 10
"""Rows that nDCG looks at."""

SUCCESS_DEPTH = 3


def ndcg(grades: Sequence[int], available: Sequence[int], depth: int = DEPTH) -> float:
    """Gain of the first rows, over that of the best order of all the rows there are; 0 where none is good."""
    best = _gain(sorted(available, reverse=True)[:depth])
    return _gain(grades[:depth]) / best if best else 0.0


def success(grades: Sequence[int], best: int, depth: int = SUCCESS_DEPTH) -> bool:
    """Whether one of the first rows has the best grade that the table could give."""
    return best > 0 and max(grades[:depth], default=0) >= best


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1.0) / math.log2(rank + 2) for rank, grade in enumerate(grades))
