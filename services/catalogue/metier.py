"""Jobs as people name them, and the suggestion of one from what is being typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from services.catalogue.text import words
from services.catalogue.word_index import ABSENT, WordIndex

# Words that say nothing of a job, unless nothing else is typed.
_EMPTY_WORDS = frozenset(
    "a au aux d de des du en et l la le les ou pour sur un une".split()  # noqa: SIM905 - on one line
)
_PARTS = re.compile(r"[/,;]")
_LATER_WORD = 2
_SAME_JOB_CHARS = 3
_KEYWORD = 6


@dataclass(frozen=True, slots=True)
class Rome:
    """A job code of France Travail's directory."""

    code: str
    libelle: str


@dataclass(frozen=True, slots=True)
class Metier:
    """A job as a person names it."""

    libelle: str
    romes: tuple[Rome, ...]
    rncps: tuple[str, ...] = ()
    formations_count: int = 0
    is_main: bool = False
    """Whether it is the usual name of a job, rather than a variant of one."""
    is_group: bool = False
    """Whether it names a code or a family of jobs."""
    mots_clefs: tuple[str, ...] = ()
    """Other words that it is found by."""

    def rank(self) -> tuple[int, int, int, str]:
        """Main jobs first, then families, then variants; the most taught first among each."""
        kind = 0 if self.is_main else 1 if self.is_group else 2
        return kind, -self.formations_count, len(self.libelle), self.libelle

    def indexed_words(self) -> Iterator[tuple[str, int]]:
        """Each word with its cost: the first word of either name ("Boulanger / Boulangère") is best."""
        first_part: list[str] = []
        for part in _PARTS.split(self.libelle):
            names = _telling(words(part))
            first_part = first_part or names
            for position, word in enumerate(names):
                yield word, _LATER_WORD if position or not _begins_name(word, first_part) else 0
        for keyword in self.mots_clefs:
            for word in _telling(words(keyword)):
                yield word, _KEYWORD


def _begins_name(word: str, first_part: Sequence[str]) -> bool:
    """Whether a part of a label that begins with this word is a name of its own.

    That of "Coiffeur / Coiffeuse" is, that of "Chef boulanger / boulangère" goes on with the first.
    """
    return len(first_part) == 1 or word[:_SAME_JOB_CHARS] == first_part[0][:_SAME_JOB_CHARS]


def _telling(found: Sequence[str]) -> list[str]:
    return [word for word in found if word not in _EMPTY_WORDS]


class MetierSuggestions:
    """The jobs, by the words of their names."""

    def __init__(self, metiers: Sequence[Metier]) -> None:
        self._metiers = sorted(metiers, key=Metier.rank)
        self._index = WordIndex(metier.indexed_words() for metier in self._metiers)

    def suggest(self, texte: str, first: int) -> list[Metier]:
        """The jobs that look most like what was typed, best first."""
        typed = words(texte)
        typed = _telling(typed) or typed
        if not typed:
            return []
        return self._best(typed, first, with_mistakes=False) or self._best(typed, first, with_mistakes=True)

    def _best(self, typed: Sequence[str], first: int, *, with_mistakes: bool) -> list[Metier]:
        costs = self._index.costs(typed, with_mistakes=with_mistakes)
        found = np.flatnonzero(costs < ABSENT)
        # Entries are numbered by rank, which a stable sort keeps among equal costs.
        best = found[np.argsort(costs[found], kind="stable")[:first]]
        return [self._metiers[number] for number in best]


def is_main_name(libelle: str) -> bool:
    """Whether a name is that of a job without more words: "Coiffeur / Coiffeuse"."""
    return all(len(words(part)) == 1 for part in libelle.split("/"))
