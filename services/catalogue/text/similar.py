"""Finds the known words that are a few typing mistakes away from a typed one, at a bounded cost.

Mistakes are counted as the optimal string alignment distance
(https://rapidfuzz.github.io/RapidFuzz/Usage/distance/OSA.html): a swap of neighbours counts once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from services.catalogue.text.limits import MAX_COMPARED

_LETTERS = re.compile(r"[a-z]+")
_ONE_MISTAKE_LETTERS, _TWO_MISTAKES_LETTERS = 4, 8
_FIRST, _ALPHABET = ord("a"), 26
_BITS = {letter: 1 << number for number, letter in enumerate(ascii_lowercase)}

_Masks = npt.NDArray[np.uint64]
_Numbers = npt.NDArray[np.int32]
_Rows = npt.NDArray[np.intp]
_Number = TypeVar("_Number", bound=np.integer)


@dataclass(slots=True)
class Comparisons:
    """The comparisons that are left for a text. The words of one text share them."""

    left: int = MAX_COMPARED


@dataclass(frozen=True, slots=True)
class _OneLength:
    """Known words of one length, or prefixes of that length."""

    numbers: _Numbers
    """For each, the number of a word that starts with it."""
    masks: _Masks


class SimilarWords:
    """Known words, or all their prefixes. Words with other characters than a to z are left out.

    Only words with nearly the same letters as the typed one are compared with it. This keeps every word
    within the allowed mistakes, unless the text runs out of comparisons: then the words with the most
    different letters are left out.
    """

    def __init__(self, words: Iterable[str], *, prefixes: bool = False) -> None:
        # Words that ascend already are sorted in no time, unlike a set of them.
        self._words = sorted(dict.fromkeys(word for word in words if _LETTERS.fullmatch(word)))
        self._by_length = dict(_lengths(self._words, prefixes=prefixes)) if self._words else {}

    def near(self, typed: str, comparisons: Comparisons) -> list[tuple[str, int]]:
        """The words within the allowed mistakes, each with its number of mistakes, in no useful order."""
        allowed = mistakes_allowed(typed)
        found = self._candidates(typed, allowed, comparisons.left) if allowed else []
        comparisons.left -= len(found)
        if not found:
            return []
        edits = process.cdist([typed], found, scorer=OSA.distance, score_cutoff=allowed, dtype=np.uint8)[0]
        return [(found[each], int(edits[each])) for each in np.flatnonzero(edits <= allowed)]

    def _candidates(self, typed: str, allowed: int, limit: int) -> list[str]:
        """Words of about the same length and letters; the fewest different letters come first."""
        mask = np.uint64(_mask(typed))
        lengths = range(len(typed) - allowed, len(typed) + allowed + 1)
        known = [(length, self._by_length[length]) for length in lengths if length in self._by_length]
        if not known:
            return []
        differences = [np.bitwise_count(each.masks ^ mask) for _, each in known]
        # A replaced letter changes two bits. Each letter more or less changes one, and is a mistake.
        near = [
            np.flatnonzero(bits <= 2 * allowed - abs(length - len(typed)))
            for (length, _), bits in zip(known, differences, strict=True)
        ]
        closest = np.argsort(np.concatenate(_pick(differences, near)), kind="stable")[:limit]
        numbers = np.concatenate(_pick([each.numbers for _, each in known], near))[closest]
        cuts = np.repeat([length for length, _ in known], [len(each) for each in near])[closest]
        return [
            self._words[number][:cut] for number, cut in zip(numbers.tolist(), cuts.tolist(), strict=True)
        ]


def _pick(columns: Sequence[npt.NDArray[_Number]], rows: Sequence[_Rows]) -> list[npt.NDArray[_Number]]:
    return [column[chosen] for column, chosen in zip(columns, rows, strict=True)]


def mistakes_allowed(typed: str) -> int:
    """One from 4 letters on, two from 8 on. None in a number, nor below 4: too many words are that close."""
    if len(typed) < _ONE_MISTAKE_LETTERS or not _LETTERS.fullmatch(typed):
        return 0
    return 2 if len(typed) >= _TWO_MISTAKES_LETTERS else 1


def _mask(word: str) -> int:
    """The letters of a word as bits: 26 for a letter that it has, 26 for one that it has more than once."""
    once = twice = 0
    for letter in word:
        bit = _BITS[letter]
        twice |= once & bit
        once |= bit
    return once | twice << _ALPHABET


def _lengths(words: list[str], *, prefixes: bool) -> Iterator[tuple[int, _OneLength]]:
    """The words, which ascend, grouped by their length or by the lengths of their prefixes."""
    lengths = np.array([len(word) for word in words])
    letters = np.array(words, dtype="S").view(np.uint8).reshape(len(words), -1)
    once, twice = np.zeros(len(words), dtype=np.uint64), np.zeros(len(words), dtype=np.uint64)
    as_previous = np.arange(len(words)) > 0
    for index, column in enumerate(letters.T):
        bits = np.where(column, np.uint64(1) << (np.maximum(column, _FIRST) - _FIRST).astype(np.uint64), 0)
        twice |= once & bits
        once |= bits
        as_previous[1:] &= column[1:] == column[:-1]
        chosen = (lengths > index) & ~as_previous if prefixes else lengths == index + 1
        numbers = np.flatnonzero(chosen)
        masks = once[numbers] | twice[numbers] << np.uint64(_ALPHABET)
        yield index + 1, _OneLength(numbers.astype(np.int32), masks)
