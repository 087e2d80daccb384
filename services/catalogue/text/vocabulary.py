"""The tokens of a generation, with the search for their completions and for similar spellings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping

from services.catalogue.text.similar import Comparisons, SimilarWords

_AFTER_ALL_LETTERS = "\x7f"


class Vocabulary:
    """Built from a map of each token to the number of trainings that have it."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._ascending = sorted(counts)
        self._similar = SimilarWords(counts)

    def count(self, token: str) -> int:
        """The number of trainings that have the token."""
        return self._counts.get(token, 0)

    def completions(self, prefix: str, limit: int) -> list[str]:
        """Longer tokens that start with the prefix; the most frequent first."""
        low = bisect_left(self._ascending, prefix)
        high = bisect_left(self._ascending, prefix + _AFTER_ALL_LETTERS, lo=low)
        longer = (token for token in self._ascending[low:high] if token != prefix)
        return sorted(longer, key=lambda token: (-self._counts[token], token))[:limit]

    def similar_tokens(
        self, spellings: Iterable[str], limit: int, comparisons: Comparisons
    ) -> list[tuple[str, int]]:
        """Tokens within the mistakes that `similar.py` allows in any of the spellings, with their number.

        The order is: fewest mistakes, same first letter, most trainings.
        """
        found: dict[str, tuple[int, bool]] = {}
        for spelling in spellings:
            for token, edits in self._similar.near(spelling, comparisons):
                rank = (edits, token[0] != spelling[0])
                found[token] = min(rank, found.get(token, rank))
        ranked = sorted(found, key=lambda token: (found[token], -self._counts[token], token))
        return [(token, found[token][0]) for token in ranked[:limit]]
