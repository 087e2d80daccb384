"""The suggestion of a job or of a diploma from what is being typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from services.catalogue.suggest.diplome import DiplomeTyped, read_diplome
from services.catalogue.suggest.metier import LATER_WORD, RANKS_PER_COST, Metier
from services.catalogue.suggest.word_index import ABSENT, Alternative, WordIndex, whole
from services.catalogue.text.analyser import stem, words
from services.catalogue.text.synonyms import Synonyms
from services.france.names import words as all_words

_MOST_TAUGHT = 150
"""What is gained, in ranks, by the job that trainings with the words typed in their title lead to most."""

_SYNONYM = 4
"""Cost of words that stand for those typed; none for those that are seldom written as such."""

_ABBREVIATION_CHARS = 3
_NOT_FOUND = 10**9

_SAME_JOB = 30
"""What each name of a code costs more than the one before it, where any job of a topic may be meant."""

_Costs = npt.NDArray[np.int32]
_Flags = npt.NDArray[np.bool_]


class MetierSuggestions:
    """The jobs and diplomas, by the words of their names."""

    def __init__(self, metiers: Sequence[Metier], synonyms: Synonyms) -> None:
        self._synonyms = synonyms
        self._metiers = sorted(metiers, key=lambda each: (each.rank(), each.libelle))
        self._ranks = np.array([each.rank() for each in self._metiers], dtype=np.int32)
        self._counts = np.array([each.formations_count for each in self._metiers], dtype=np.int32)
        self._index = WordIndex(metier.indexed_words() for metier in self._metiers)
        is_job = [not (each.diplome or each.is_group) for each in self._metiers]
        self._is_job = np.array(is_job, dtype=np.bool_)
        self._taught = _Taught(self._metiers)
        self._of_kind: dict[str, list[int]] = {}
        for number, metier in enumerate(self._metiers):
            for kind in metier.diplome_kinds:
                self._of_kind.setdefault(kind, []).append(number)

    def suggest(self, texte: str, first: int) -> list[Metier]:
        """What looks most like what was typed, best first.

        Diplomas come first when the text says their kind ("cap cuisine"), else jobs do.
        """
        typed = all_words(texte)
        asked = read_diplome(typed)
        found = self._diplomes(asked, first) if asked else []
        subject = " ".join(asked.subject) if asked and asked.subject else texte
        if len(found) < first:
            seen = set(found)
            others = self._best(self._costs(self._telling(subject) or typed), first + len(found))
            found += [number for number in others if number not in seen]
        return [self._metiers[number] for number in found[:first]]

    def _diplomes(self, asked: DiplomeTyped, first: int) -> list[int]:
        """Those of the kind; without another word, the most taught ones."""
        of_kind = np.zeros(len(self._metiers), dtype=np.bool_)
        for kind in asked.kinds:
            of_kind[self._of_kind.get(kind, [])] = True
        subject = self._telling(" ".join(asked.subject))
        costs = self._costs(subject, of_kind) if subject else -self._counts
        return self._best(np.where(of_kind, costs, _NOT_FOUND), first)

    def _costs(self, typed: Sequence[str], among: _Flags | None = None) -> _Costs:
        """Of each entry; mistakes are allowed for when there is nothing without."""
        if not typed:
            return np.full(len(self._metiers), _NOT_FOUND, dtype=np.int32)
        groups = list(self._groups(typed))
        costs = self._index.costs_of(groups)
        wanted = costs if among is None else costs[among]
        if wanted.min(initial=ABSENT) >= ABSENT:
            costs = self._index.costs_of(groups, with_mistakes=True)
        found = costs < ABSENT
        ranked = costs.astype(np.int32) * RANKS_PER_COST + self._ranks - self._taught.gains(found)
        if among is None and len(typed) == 1 and costs[self._is_job].min(initial=ABSENT) == LATER_WORD:
            ranked = self._spread(ranked, found)
        return np.where(found, ranked, _NOT_FOUND).astype(np.int32)

    def _spread(self, ranked: _Costs, found: _Flags) -> _Costs:
        """With the names of one job set apart, so that those of others come in between."""
        jobs = np.flatnonzero(found & self._is_job)
        in_order = jobs[np.argsort(ranked[jobs], kind="stable")]
        spread, seen = ranked.copy(), Counter[str]()
        for number in in_order.tolist():
            rome = self._metiers[number].romes[0].code
            spread[number] += _SAME_JOB * seen[rome]
            seen[rome] += 1
        return spread

    def _telling(self, texte: str) -> list[str]:
        """The words that say something: neither little ones nor "métier", "formation"."""
        typed = list(words(texte))
        return [word for word in typed if stem(word) not in self._synonyms.ignored] or typed

    def _groups(self, typed: Sequence[str]) -> Iterator[list[Alternative]]:
        """What each word, or words that have synonyms together, may stand for."""
        tokens = [stem(word) for word in typed]
        start = 0
        while start < len(typed):
            length, phrases = self._synonyms.at(tokens[start:])
            passage = slice(start, start + max(1, length))
            roots = Alternative(tuple(map(whole, tokens[passage])))
            is_abbreviation = length == 1 and len(typed[start]) <= _ABBREVIATION_CHARS
            # "mecano" is in no name: what it stands for is what is meant.
            is_named = all(map(self._index.holds, roots.words))
            cost = _SYNONYM if is_named and not is_abbreviation else 0
            others = [Alternative(tuple(map(whole, phrase)), cost) for phrase in phrases]
            # "rh" is complete: it is not the beginning of "rhumatologue".
            written = Alternative(tuple(typed[passage]), is_complete=is_abbreviation)
            yield [written, roots, *others]
            start = passage.stop

    def _best(self, costs: _Costs, first: int) -> list[int]:
        found = np.flatnonzero(costs < _NOT_FOUND)
        # Entries are numbered by rank and name, which a stable sort keeps among equal costs.
        return [int(number) for number in found[np.argsort(costs[found], kind="stable")[:first]]]


class _Taught:
    """The jobs that titles lead to: what the catalogue itself knows of what a word means."""

    def __init__(self, metiers: Sequence[Metier]) -> None:
        codes = {rome.code for metier in metiers for rome in metier.romes}
        columns = {code: number for number, code in enumerate(sorted(codes))}
        self._diplomes = np.array([n for n, each in enumerate(metiers) if each.diplome], dtype=np.int64)
        self._trainings = np.zeros((len(self._diplomes), len(columns)), dtype=np.float32)
        for row, number in enumerate(self._diplomes):
            diplome = metiers[number]
            for rome in diplome.romes:
                self._trainings[row, columns[rome.code]] = diplome.formations_count / len(diplome.romes)
        self._first_rome = np.array([columns[each.romes[0].code] for each in metiers], dtype=np.int64)
        self._is_diplome = np.array([each.diplome for each in metiers], dtype=np.bool_)

    def gains(self, found: _Flags) -> _Costs:
        """Of each entry, when these were found."""
        rows = np.flatnonzero(found[self._diplomes])
        led_to = self._trainings[rows].sum(axis=0)
        most = led_to.max(initial=0)
        if most <= 0:
            return np.zeros(len(found), dtype=np.int32)
        share = np.sqrt(led_to / most)[self._first_rome]
        return np.where(self._is_diplome, 0, share * _MOST_TAUGHT).astype(np.int32)
