"""An index of table entries by their words, searched by prefix, with typing mistakes allowed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from services.catalogue.suggest.postings import Postings
from services.catalogue.text.limits import MAX_WORDS
from services.catalogue.text.similar import Comparisons, SimilarWords

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
    """Finds entries by prefixes of their words.

    The cost of an entry for a typed word is that of its cheapest matching word, plus 1 when only a
    prefix was typed, plus 100 for each typing mistake.
    """

    def __init__(self, postings: Postings) -> None:
        self._size = postings.size
        self._vocabulary = postings.words
        self._starts = postings.starts
        self._entries = postings.entries
        self._costs = postings.costs
        self._similar = SimilarWords(self._vocabulary, prefixes=True)

    def contains(self, word: str) -> bool:
        """Whether an entry has exactly this word."""
        number = bisect_left(self._vocabulary, word)
        return number < len(self._vocabulary) and self._vocabulary[number] == word

    def costs(self, typed: Sequence[str], *, with_mistakes: bool = False) -> Costs:
        """The cost of each entry: the sum over the typed words, which must all match.

        Words after the first MAX_WORDS don't count.
        """
        return self.costs_of([(Alternative((word,)),) for word in typed], with_mistakes=with_mistakes)

    def costs_of(self, typed: Sequence[Sequence[Alternative]], *, with_mistakes: bool = False) -> Costs:
        """As `costs`, where each typed word has alternatives; the cheapest of them counts."""
        comparisons = Comparisons() if with_mistakes else None
        # A repeated word is looked for once.
        cost_of = cache(lambda each, partial: self._cost(each, partial, comparisons))
        total = np.zeros(self._size, dtype=np.int16)
        counted = typed[:MAX_WORDS]
        for number, alternatives in enumerate(counted):
            # The last of several words may be unfinished, so a prefix costs nothing there.
            partial = 0 if number and number == len(counted) - 1 else _PARTIAL_COST
            costs = [cost_of(each, partial) for each in alternatives]
            total = np.minimum(total + np.minimum.reduce(costs), NO_MATCH).astype(np.int16)
            if total.min(initial=NO_MATCH) >= NO_MATCH:
                break
        return total

    def _cost(self, alternative: Alternative, partial: int, comparisons: Comparisons | None) -> Costs:
        total = np.full(self._size, alternative.cost, dtype=np.int16)
        for word in alternative.words:
            one = self._exact(word) if alternative.is_complete else self._by_prefix(word, partial)
            if comparisons is not None:
                one = np.minimum(one, self._with_mistakes(word, partial, comparisons))
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
        self._add_prefix(found, word, partial)
        if word[-1] in "sx" and len(word) > 3:
            # A typed plural matches an indexed singular. A typed singular is a prefix of the plural already.
            self._add_word(found, word[:-1], partial)
        return found

    def _with_mistakes(self, word: str, partial: int, comparisons: Comparisons) -> Costs:
        # The prefixes found overlap ("saint", "saints"), so their costs meet on words, not on entries.
        extras = np.full(len(self._vocabulary), NO_MATCH, dtype=np.int16)
        for prefix, mistakes in self._similar.near(word, comparisons):
            low, high, is_word = self._words_from(prefix)
            extra = mistakes * _MISTAKE_COST
            if is_word:
                extras[low] = min(extras[low], extra)
                low += 1
            np.minimum(extras[low:high], extra + partial, out=extras[low:high])
        return self._costs_of_words(extras)

    def _costs_of_words(self, extras: Costs) -> Costs:
        """The cost of each entry for the words of an extra cost below NO_MATCH."""
        found = self._no_matches()
        words = np.flatnonzero(extras < NO_MATCH)
        starts, ends = self._starts[words], self._starts[words + 1]
        lengths = ends - starts
        before = np.cumsum(lengths) - lengths
        postings = np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
        costs = self._costs[postings] + np.repeat(extras[words], lengths)
        np.minimum.at(found, self._entries[postings], costs)
        return found

    def _words_from(self, prefix: str) -> tuple[int, int, bool]:
        """The range of the words that start with the prefix, and whether its first word is the prefix."""
        low = bisect_left(self._vocabulary, prefix)
        high = bisect_left(self._vocabulary, prefix + _AFTER_ALL_LETTERS, lo=low)
        return low, high, low < high and self._vocabulary[low] == prefix

    def _add_prefix(self, found: Costs, prefix: str, partial: int) -> None:
        low, high, is_word = self._words_from(prefix)
        if is_word:
            self._add_range(found, low, low + 1, 0)
            low += 1
        self._add_range(found, low, high, partial)

    def _add_word(self, found: Costs, word: str, extra: int) -> None:
        if self.contains(word):
            number = bisect_left(self._vocabulary, word)
            self._add_range(found, number, number + 1, extra)

    def _add_range(self, found: Costs, low: int, high: int, extra: int) -> None:
        part = slice(self._starts[low], self._starts[high])
        np.minimum.at(found, self._entries[part], self._costs[part] + np.int16(extra))

    def _no_matches(self) -> Costs:
        return np.full(self._size, NO_MATCH, dtype=np.int16)
