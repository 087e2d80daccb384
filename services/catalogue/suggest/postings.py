"""The words of table entries as columns: computed by the import, stored, and opened without work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int32]
Costs = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Postings:
    """The entries of each word, with their costs."""

    words: list[str]
    """The distinct words, ascending."""
    starts: Numbers
    """Word w is in entries[starts[w]:starts[w + 1]], so there is one more start than words."""
    entries: Numbers
    costs: Costs
    size: int
    """Number of entries."""

    @classmethod
    def of(cls, entries: Iterable[Iterable[tuple[str, int]]]) -> Postings:
        """The postings of the (word, cost) pairs of each entry."""
        found: dict[str, list[tuple[int, int]]] = {}
        size = 0
        for number, pairs in enumerate(entries):
            size = number + 1
            for word, cost in pairs:
                found.setdefault(word, []).append((number, cost))
        words = sorted(found)
        flat = [posting for word in words for posting in found[word]]
        return cls(
            words=words,
            starts=np.cumsum([0, *(len(found[word]) for word in words)], dtype=np.int32),
            entries=np.array([entry for entry, _ in flat], dtype=np.int32),
            costs=np.array([cost for _, cost in flat], dtype=np.int16),
            size=size,
        )
