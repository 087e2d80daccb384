"""Jobs and diplomas under the names that people use, with the words and the rank of each name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2

from services.catalogue.rome import Rome
from services.catalogue.suggest.word_index import exact_word
from services.catalogue.text.analyser import stem, words
from services.france.names import words as all_words

_NAME_SEPARATOR = re.compile(r"[/,;]")
_PARENTHESES = re.compile(r"\([^()]*\)")
_SAME_JOB_CHARS = 3
_SAME_ROOT_CHARS = 5

# Costs of a word by its role in the name. `WordIndex` adds 1 when only the start of the word was typed.
LATER_WORD = 2
_LATER_TOPIC = 1
_SAME_STEM = 1
_ACRONYM = 1
_TWO_INITIALS = 4
_KEYWORD = 6

RANKS_PER_COST = 100
"""A difference of 1 in cost weighs as much as a difference of this many ranks."""

_EXTRA_WORD, _EXTRA_TITLE_WORD, _MAX_EXTRA_WORDS = 90, 30, 4
_DOUBLED_TRAININGS_BONUS = 25
_SIMILAR_CODE_BONUS = 80
_MAIN, _VARIANT, _GROUP, _DIPLOME = 0, 60, 150, 180

_GENERIC_WORDS = frozenset({"metier", "metiers", "specialite", "option"})
"""Words of titles and families that carry no meaning: "Métiers de la coiffure" is about coiffure."""


@dataclass(frozen=True, slots=True)
class Metier:
    """A name of a job, or the title of a diploma."""

    libelle: str
    romes: tuple[Rome, ...]
    rncps: tuple[str, ...] = ()
    formations_count: int = 0
    is_main: bool = False
    """Whether it is the usual name of a job, not a variant."""
    is_group: bool = False
    """Whether it names a ROME code or a family of jobs."""
    mots_clefs: tuple[str, ...] = ()
    """Other words to find it by."""
    diplome: bool = False
    """Whether it is the title of a diploma."""
    diplome_kinds: tuple[str, ...] = ()
    acronymes: tuple[str, ...] = ()

    def rank(self) -> int:
        """Orders names that match equally well; the lowest comes first, and ranks may be negative.

        Short names precede long ones, frequently taught jobs precede others, and jobs precede diplomas.
        """
        names = self._names()
        extra = min(self._length(names) - 1, _MAX_EXTRA_WORDS)
        extra *= _EXTRA_TITLE_WORD if self.diplome else _EXTRA_WORD
        kind = _DIPLOME if self.diplome else _MAIN if self.is_main else _GROUP if self.is_group else _VARIANT
        doublings = log2(1 + self.formations_count)
        similarity = 0.0 if self.is_group or self.diplome else self._similarity_to_code(names)
        return round(kind + extra - doublings * _DOUBLED_TRAININGS_BONUS - similarity * _SIMILAR_CODE_BONUS)

    def _length(self, names: Sequence[Sequence[str]]) -> int:
        """Number of words in the longest name; "Analyste concepteur / conceptrice de réseau" has three."""
        first = names[0] if names else ()
        lengths = [
            # A part that is not a name by itself replaces the last word of the first part.
            len(name) if name is first or self._is_own_name(name, first) else len(first) - 1 + len(name)
            for name in names
        ]
        return max(lengths, default=1)

    def _is_own_name(self, name: Sequence[str], first: Sequence[str]) -> bool:
        return self.diplome or self.is_group or _begins_name(name[0], first)

    def _similarity_to_code(self, names: Sequence[Sequence[str]]) -> float:
        """Share, 0 to 1, of the words of the last name that are also in the labels of its ROME codes."""
        roots = {word[:_SAME_ROOT_CHARS] for rome in self.romes for word in words(rome.libelle)}
        name = names[-1] if names else ()
        return sum(word[:_SAME_ROOT_CHARS] in roots for word in name) / max(len(name), 1)

    def _names(self) -> list[list[str]]:
        """The words of each part of the label: "Coiffeur / Coiffeuse à domicile" gives two names."""
        # Commas do not separate names in a title, and its parentheses are not part of its name.
        parts = [_PARENTHESES.sub(" ", self.libelle)] if self.diplome else _NAME_SEPARATOR.split(self.libelle)
        found = [list(words(part)) for part in parts]
        if self.diplome or self.is_group:
            found = [[word for word in name if word not in _GENERIC_WORDS] or name for name in found]
        return [name for name in found if name]

    def indexed_words(self) -> Iterator[tuple[str, int]]:
        """Each word with its cost. The first word of a name ("Boulanger / Boulangère") costs nothing."""
        names = self._names()
        # In the label of a family every word is a topic, so later words cost less than in the name of a job.
        later = _LATER_TOPIC if self.is_group else LATER_WORD
        for name in names:
            for position, word in enumerate(name):
                cost = later if position or not _begins_name(word, names[0]) else 0
                yield word, cost
                yield exact_word(stem(word)), cost + _SAME_STEM
        for keyword in self.mots_clefs:
            for word in words(keyword):
                yield word, _KEYWORD
        for acronyme in self.acronymes:
            yield exact_word(acronyme), _ACRONYM if len(acronyme) > 2 else _TWO_INITIALS


def _begins_name(word: str, first_name: Sequence[str]) -> bool:
    """Whether a part of a label that begins with this word is a name by itself.

    "Coiffeuse" is in "Coiffeur / Coiffeuse"; "boulangère" is not in "Chef boulanger / boulangère".
    """
    return len(first_name) == 1 or word[:_SAME_JOB_CHARS] == first_name[0][:_SAME_JOB_CHARS]


def is_main_name(libelle: str) -> bool:
    """Whether each part of the name is one word, as in "Coiffeur / Coiffeuse"."""
    return all(len(all_words(part)) == 1 for part in libelle.split("/"))
