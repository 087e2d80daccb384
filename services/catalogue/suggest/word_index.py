"""Which entries of a table hold words that begin like those typed, a typing mistake allowed for."""

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
"""Of each entry; ABSENT or more where it does not match."""

ABSENT = 10_000
_PARTIAL = 1
_EDIT = 100
_AFTER_ALL_LETTERS = "\x7f"
_WHOLE = "="


def whole(word: str) -> str:
    """The word as one that is only found complete, without mistakes: initials, the root of a word."""
    return _WHOLE + word


@dataclass(frozen=True, slots=True)
class Alternative:
    """Words that may be meant by a word typed; all of them must match."""

    words: tuple[str, ...]
    cost: int = 0
    is_complete: bool = False
    """Whether the words are no beginnings of longer ones."""


class WordIndex:
    """Finds entries by the beginnings of their words; made of (word, cost) pairs for each entry.

    An entry's cost for a typed word is that of its best word, plus a little when the word is not
    complete, plus a lot for each typing mistake.
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
        # Bound to this index, so that it goes when the index goes.
        self._beginnings = cache(self._beginnings_of)

    def holds(self, word: str) -> bool:
        """Whether an entry has this word, complete."""
        number = bisect_left(self._vocabulary, word)
        return number < len(self._vocabulary) and self._vocabulary[number] == word

    def costs(self, typed: Sequence[str], *, with_mistakes: bool = False) -> Costs:
        """The cost of each entry: the sum over the words typed, all of which must match."""
        return self.costs_of([(Alternative((word,)),) for word in typed], with_mistakes=with_mistakes)

    def costs_of(self, typed: Sequence[Sequence[Alternative]], *, with_mistakes: bool = False) -> Costs:
        """The same where a word typed may stand for others: the best of them counts."""
        total = np.zeros(self._size, dtype=np.int16)
        for number, alternatives in enumerate(typed):
            # The last of several words is still being typed; a first one says what to prefer.
            partial = 0 if number and number == len(typed) - 1 else _PARTIAL
            costs = [self._cost(each, partial, with_mistakes=with_mistakes) for each in alternatives]
            total = np.minimum(total + np.minimum.reduce(costs), ABSENT).astype(np.int16)
            if total.min(initial=ABSENT) >= ABSENT:
                break
        return total

    def _cost(self, alternative: Alternative, partial: int, *, with_mistakes: bool) -> Costs:
        total = np.full(self._size, alternative.cost, dtype=np.int16)
        for word in alternative.words:
            one = self._complete(word) if alternative.is_complete else self._exact(word, partial)
            if with_mistakes:
                one = np.minimum(one, self._near(word, partial))
            total = np.minimum(total + one, ABSENT).astype(np.int16)
        return total

    def _complete(self, word: str) -> Costs:
        found = self._nothing()
        self._add_one(found, word, 0)
        return found

    def _exact(self, word: str, partial: int) -> Costs:
        if word.startswith(_WHOLE):
            return self._complete(word)
        found = self._nothing()
        self._add(found, word, 0, partial)
        if word[-1] in "sx" and len(word) > 3:
            # A plural typed for a singular written; the other way round, the beginning matches.
            self._add_one(found, word[:-1], partial)
        return found

    def _near(self, word: str, partial: int) -> Costs:
        found = self._nothing()
        allowed = 0 if word.startswith(_WHOLE) else _mistakes_allowed(word)
        if not allowed:
            return found
        for length in range(len(word) - allowed, len(word) + allowed + 1):
            beginnings = self._beginnings(length)
            edits = process.cdist(
                [word], beginnings, scorer=OSA.distance, score_cutoff=allowed, dtype=np.uint8
            )[0]
            for number in np.flatnonzero(edits <= allowed):
                self._add(found, beginnings[number], int(edits[number]) * _EDIT, partial)
        return found

    def _beginnings_of(self, length: int) -> list[str]:
        # Of sorted words, the beginnings come sorted.
        return list(dict.fromkeys(word[:length] for word in self._letters))

    def _add(self, found: Costs, beginning: str, extra: int, partial: int) -> None:
        low = bisect_left(self._vocabulary, beginning)
        high = bisect_left(self._vocabulary, beginning + _AFTER_ALL_LETTERS, lo=low)
        if low < high and self._vocabulary[low] == beginning:
            self._add_range(found, low, low + 1, extra)
            low += 1
        self._add_range(found, low, high, extra + partial)

    def _add_one(self, found: Costs, word: str, extra: int) -> None:
        if self.holds(word):
            number = bisect_left(self._vocabulary, word)
            self._add_range(found, number, number + 1, extra)

    def _add_range(self, found: Costs, low: int, high: int, extra: int) -> None:
        part = slice(self._starts[low], self._starts[high])
        np.minimum.at(found, self._entries[part], self._costs[part] + np.int16(extra))

    def _nothing(self) -> Costs:
        return np.full(self._size, ABSENT, dtype=np.int16)


def _mistakes_allowed(word: str) -> int:
    """One, two in a long word; none in a short one, where any other word would do, nor in a number."""
    if len(word) < 4 or any(map(str.isdigit, word)):
        return 0
    return 2 if len(word) >= 8 else 1
