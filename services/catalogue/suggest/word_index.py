"""An index of table entries by their words, searched by prefix, with typing mistakes allowed.

Mistakes are counted as the optimal string alignment distance
(https://rapidfuzz.github.io/RapidFuzz/Usage/distance/OSA.html): a swap of neighbours counts once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

Costs = npt.NDArray[np.int16]
"""One cost for each entry; NO_MATCH or more where the entry does not match."""

NO_MATCH = 10_000
_PARTIAL_COST = 1
_MISTAKE_COST = 100
_AFTER_ALL_LETTERS = "\x7f"
_EXACT_MARK = "="


def exact_word(word: str) -> str:
    """Mark a word (an acronym, a stem) that only matches in full and without mistakes."""
    return _EXACT_MARK + word


@dataclass(frozen=True, slots=True)
class Alternative:
    """A possible meaning of a typed word: words that must all match."""

    words: tuple[str, ...]
    cost: int = 0
    is_complete: bool = False
    """Whether the words must match in full, not as prefixes."""


class WordIndex:
    """Finds entries by prefixes of their words. Built from the (word, cost) pairs of each entry.

    The cost of an entry for a typed word is that of its cheapest matching word, plus 1 when only a
    prefix was typed, plus 100 for each typing mistake.
    """

    def __init__(self, entries: Iterable[Iterable[tuple[str, int]]]) -> None:
        postings: dict[str, list[tuple[int, int]]] = {}
        self._size = 0
        for number, pairs in enumerate(entries):
            self._size = number + 1
            for word, cost in pairs:
                postings.setdefault(word, []).append((number, cost))
        self._vocabulary = sorted(postings)
        self._letters = [word for word in self._vocabulary if word.isalpha()]
        flat = [posting for word in self._vocabulary for posting in postings[word]]
        self._entries = np.array([entry for entry, _ in flat], dtype=np.int64)
        self._costs = np.array([cost for _, cost in flat], dtype=np.int16)
        lengths = [len(postings[word]) for word in self._vocabulary]
        self._starts = np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
        # The cache belongs to the instance, so that it is freed with the index.
        self._prefixes = cache(self._prefixes_of_length)

    def contains(self, word: str) -> bool:
        """Whether an entry has exactly this word."""
        number = bisect_left(self._vocabulary, word)
        return number < len(self._vocabulary) and self._vocabulary[number] == word

    def costs(self, typed: Sequence[str], *, with_mistakes: bool = False) -> Costs:
        """The cost of each entry: the sum over the typed words, which must all match."""
        return self.costs_of([(Alternative((word,)),) for word in typed], with_mistakes=with_mistakes)

    def costs_of(self, typed: Sequence[Sequence[Alternative]], *, with_mistakes: bool = False) -> Costs:
        """As `costs`, where each typed word has alternatives; the cheapest of them counts."""
        total = np.zeros(self._size, dtype=np.int16)
        for number, alternatives in enumerate(typed):
            # The last of several words may be unfinished, so a prefix costs nothing there.
            partial = 0 if number and number == len(typed) - 1 else _PARTIAL_COST
            costs = [self._cost(each, partial, with_mistakes=with_mistakes) for each in alternatives]
            total = np.minimum(total + np.minimum.reduce(costs), NO_MATCH).astype(np.int16)
            if total.min(initial=NO_MATCH) >= NO_MATCH:
                break
        return total

    def _cost(self, alternative: Alternative, partial: int, *, with_mistakes: bool) -> Costs:
        total = np.full(self._size, alternative.cost, dtype=np.int16)
        for word in alternative.words:
            one = self._exact(word) if alternative.is_complete else self._by_prefix(word, partial)
            if with_mistakes:
                one = np.minimum(one, self._with_mistakes(word, partial))
            total = np.minimum(total + one, NO_MATCH).astype(np.int16)
        return total

    def _exact(self, word: str) -> Costs:
        found = self._no_matches()
        self._add_word(found, word, 0)
        return found

    def _by_prefix(self, word: str, partial: int) -> Costs:
        if word.startswith(_EXACT_MARK):
            return self._exact(word)
        found = self._no_matches()
        self._add_prefix(found, word, 0, partial)
        if word[-1] in "sx" and len(word) > 3:
            # A typed plural matches an indexed singular. A typed singular is a prefix of the plural already.
            self._add_word(found, word[:-1], partial)
        return found

    def _with_mistakes(self, word: str, partial: int) -> Costs:
        found = self._no_matches()
        allowed = 0 if word.startswith(_EXACT_MARK) else _mistakes_allowed(word)
        if not allowed:
            return found
        for length in range(len(word) - allowed, len(word) + allowed + 1):
            prefixes = self._prefixes(length)
            edits = process.cdist(
                [word], prefixes, scorer=OSA.distance, score_cutoff=allowed, dtype=np.uint8
            )[0]
            for number in np.flatnonzero(edits <= allowed):
                self._add_prefix(found, prefixes[number], int(edits[number]) * _MISTAKE_COST, partial)
        return found

    def _prefixes_of_length(self, length: int) -> list[str]:
        # The words are sorted, so their prefixes come out sorted too.
        return list(dict.fromkeys(word[:length] for word in self._letters))

    def _add_prefix(self, found: Costs, prefix: str, extra: int, partial: int) -> None:
        low = bisect_left(self._vocabulary, prefix)
        high = bisect_left(self._vocabulary, prefix + _AFTER_ALL_LETTERS, lo=low)
        if low < high and self._vocabulary[low] == prefix:
            self._add_range(found, low, low + 1, extra)
            low += 1
        self._add_range(found, low, high, extra + partial)

    def _add_word(self, found: Costs, word: str, extra: int) -> None:
        if self.contains(word):
            number = bisect_left(self._vocabulary, word)
            self._add_range(found, number, number + 1, extra)

    def _add_range(self, found: Costs, low: int, high: int, extra: int) -> None:
        part = slice(self._starts[low], self._starts[high])
        np.minimum.at(found, self._entries[part], self._costs[part] + np.int16(extra))

    def _no_matches(self) -> Costs:
        return np.full(self._size, NO_MATCH, dtype=np.int16)


def _mistakes_allowed(word: str) -> int:
    """None in a number or below 4 characters (too many words are that close), two from 8 on, else one."""
    if len(word) < 4 or any(map(str.isdigit, word)):
        return 0
    return 2 if len(word) >= 8 else 1
