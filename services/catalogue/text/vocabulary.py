"""The tokens of a generation: which there are, how they go on, and which look like a misspelt one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

_AFTER_ALL_LETTERS = "\x7f"
_FOUR_LETTERS, _LONG = 4, 8


class Vocabulary:
    """Made of the tokens of all trainings, each with the number of those that hold it."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._ascending = sorted(counts)
        self._of_length: dict[int, list[str]] = {}
        for token in self._ascending:
            if token.isalpha():
                self._of_length.setdefault(len(token), []).append(token)

    def count(self, token: str) -> int:
        """Trainings that hold the token."""
        return self._counts.get(token, 0)

    def completions(self, beginning: str, limit: int) -> list[str]:
        """Tokens that begin so, and go on; those of most trainings first."""
        low = bisect_left(self._ascending, beginning)
        high = bisect_left(self._ascending, beginning + _AFTER_ALL_LETTERS, lo=low)
        longer = (token for token in self._ascending[low:high] if token != beginning)
        return sorted(longer, key=lambda token: (-self._counts[token], token))[:limit]

    def lookalikes(self, spellings: Iterable[str], limit: int) -> list[tuple[str, int]]:
        """Tokens a few typing mistakes away from any of the spellings, with how many.

        One mistake, two in a long spelling; none in a short one, where any other word would do, nor
        in a number. The fewest mistakes first, then those with the same first letter, then those of
        most trainings.
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
    if len(spelling) < _FOUR_LETTERS or not spelling.isalpha():
        return 0
    return 2 if len(spelling) >= _LONG else 1
