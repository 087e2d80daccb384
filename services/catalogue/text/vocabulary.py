"""The tokens of a generation, with the search for their completions and for similar spellings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

_AFTER_ALL_LETTERS = "\x7f"
_MIN_FUZZY_LETTERS, _TWO_MISTAKES_LETTERS = 4, 8


class Vocabulary:
    """Built from a map of each token to the number of trainings that have it."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._ascending = sorted(counts)
        self._of_length: dict[int, list[str]] = {}
        for token in self._ascending:
            if token.isalpha():
                self._of_length.setdefault(len(token), []).append(token)

    def count(self, token: str) -> int:
        """The number of trainings that have the token."""
        return self._counts.get(token, 0)

    def completions(self, prefix: str, limit: int) -> list[str]:
        """Longer tokens that start with the prefix; the most frequent first."""
        low = bisect_left(self._ascending, prefix)
        high = bisect_left(self._ascending, prefix + _AFTER_ALL_LETTERS, lo=low)
        longer = (token for token in self._ascending[low:high] if token != prefix)
        return sorted(longer, key=lambda token: (-self._counts[token], token))[:limit]

    def similar_tokens(self, spellings: Iterable[str], limit: int) -> list[tuple[str, int]]:
        """Tokens within a few typing mistakes of any of the spellings, with the number of mistakes.

        Mistakes are counted as the optimal string alignment distance
        (https://rapidfuzz.github.io/RapidFuzz/Usage/distance/OSA.html): a swap of neighbours counts once.
        One mistake is allowed from 4 letters on, two from 8 on; none in a shorter spelling, which is close
        to too many words, or in a number. The order is: fewest mistakes, same first letter, most trainings.
        """
        found: dict[str, tuple[int, bool]] = {}
        for spelling in spellings:
            for token, edits in self._near(spelling):
                rank = (edits, token[0] != spelling[0])
                found[token] = min(rank, found.get(token, rank))
        ranked = sorted(found, key=lambda token: (found[token], -self._counts[token], token))
        return [(token, found[token][0]) for token in ranked[:limit]]

    def _near(self, spelling: str) -> Iterator[tuple[str, int]]:
        allowed = _mistakes_allowed(spelling)
        if not allowed:
            return
        for length in range(len(spelling) - allowed, len(spelling) + allowed + 1):
            tokens = self._of_length.get(length, [])
            if tokens:
                edits = process.cdist(
                    [spelling], tokens, scorer=OSA.distance, score_cutoff=allowed, dtype=np.uint8
                )[0]
                for number in np.flatnonzero(edits <= allowed):
                    yield tokens[number], int(edits[number])


def _mistakes_allowed(spelling: str) -> int:
    if len(spelling) < _MIN_FUZZY_LETTERS or not spelling.isalpha():
        return 0
    return 2 if len(spelling) >= _TWO_MISTAKES_LETTERS else 1
