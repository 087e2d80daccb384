"""Jobs and diplomas as people name them: what each is found by, and how likely it is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2

from services.catalogue.rome import Rome
from services.catalogue.suggest.word_index import whole
from services.catalogue.text.analyser import stem, words
from services.france.names import words as all_words

_PARTS = re.compile(r"[/,;]")
_PARENTHESES = re.compile(r"\([^()]*\)")
_SAME_JOB_CHARS = 3
_SAME_ROOT_CHARS = 5

# Costs of a word, by what it is to the name; a word that is not complete costs 1.
LATER_WORD = 2
_LATER_TOPIC = 1
_SAME_STEM = 1
_ACRONYM = 1
_TWO_INITIALS = 4
_KEYWORD = 6

RANKS_PER_COST = 100
"""How finely ranks tell names of the same cost apart."""

_EXTRA_WORD, _EXTRA_TITLE_WORD, _MAX_EXTRA_WORDS = 90, 30, 4
_TWICE_AS_MANY_TRAININGS = 25
_LIKE_ITS_CODE = 80
_MAIN, _VARIANT, _GROUP, _DIPLOME = 0, 60, 150, 180

_SAYING_NOTHING = frozenset({"metier", "metiers", "specialite", "option"})
"""Words of titles and families: "Métiers de la coiffure" is about coiffure."""


@dataclass(frozen=True, slots=True)
class Metier:
    """A job as a person names it, or the title of a diploma."""

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
    diplome: bool = False
    """Whether it is the title of a diploma."""
    diplome_kinds: tuple[str, ...] = ()
    acronymes: tuple[str, ...] = ()
    """Initials that it is known by."""

    def rank(self) -> int:
        """How far it is from what a person means, among names that match as well: the less the better.

        Short names before long ones, those of what is taught most, names of jobs before titles.
        """
        names = self._names()
        extra = min(self._length(names) - 1, _MAX_EXTRA_WORDS)
        extra *= _EXTRA_TITLE_WORD if self.diplome else _EXTRA_WORD
        kind = _DIPLOME if self.diplome else _MAIN if self.is_main else _GROUP if self.is_group else _VARIANT
        taught = log2(1 + self.formations_count)
        likeness = 0.0 if self.is_group or self.diplome else self._likeness(names)
        return round(kind + extra - taught * _TWICE_AS_MANY_TRAININGS - likeness * _LIKE_ITS_CODE)

    def _length(self, names: Sequence[Sequence[str]]) -> int:
        """Words of the longest name: "Analyste concepteur / conceptrice de réseau" is of three."""
        first = names[0] if names else ()
        lengths = [
            # A part that is no name of its own goes on with the first, in place of its last word.
            len(name) if name is first or self._is_own_name(name, first) else len(first) - 1 + len(name)
            for name in names
        ]
        return max(lengths, default=1)

    def _is_own_name(self, name: Sequence[str], first: Sequence[str]) -> bool:
        return self.diplome or self.is_group or _begins_name(name[0], first)

    def _likeness(self, names: Sequence[Sequence[str]]) -> float:
        """Part of the words of the name that its code's label has too: those of the job it is about."""
        roots = {word[:_SAME_ROOT_CHARS] for rome in self.romes for word in words(rome.libelle)}
        name = names[-1] if names else ()
        return sum(word[:_SAME_ROOT_CHARS] in roots for word in name) / max(len(name), 1)

    def _names(self) -> list[list[str]]:
        """The words of each name: of "Coiffeur / Coiffeuse à domicile", the second is whole."""
        # The commas of a title don't part names; what it has in parentheses is not of its name.
        parts = [_PARENTHESES.sub(" ", self.libelle)] if self.diplome else _PARTS.split(self.libelle)
        found = [list(words(part)) for part in parts]
        if self.diplome or self.is_group:
            found = [[word for word in name if word not in _SAYING_NOTHING] or name for name in found]
        return [name for name in found if name]

    def indexed_words(self) -> Iterator[tuple[str, int]]:
        """Each word with its cost: the first word of either name ("Boulanger / Boulangère") is best."""
        names = self._names()
        # The words of a family are topics, not a job and what it is about.
        later = _LATER_TOPIC if self.is_group else LATER_WORD
        for name in names:
            for position, word in enumerate(name):
                cost = later if position or not _begins_name(word, names[0]) else 0
                yield word, cost
                yield whole(stem(word)), cost + _SAME_STEM
        for keyword in self.mots_clefs:
            for word in words(keyword):
                yield word, _KEYWORD
        for acronyme in self.acronymes:
            yield whole(acronyme), _ACRONYM if len(acronyme) > 2 else _TWO_INITIALS


def _begins_name(word: str, first_name: Sequence[str]) -> bool:
    """Whether a part of a label that begins with this word is a name of its own.

    That of "Coiffeur / Coiffeuse" is, that of "Chef boulanger / boulangère" goes on with the first.
    """
    return len(first_name) == 1 or word[:_SAME_JOB_CHARS] == first_name[0][:_SAME_JOB_CHARS]


def is_main_name(libelle: str) -> bool:
    """Whether a name is that of a job without more words: "Coiffeur / Coiffeuse"."""
    return all(len(all_words(part)) == 1 for part in libelle.split("/"))
