"""Suggests jobs and diplomas for a text that a person is typing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from services.catalogue.suggest.diplome import DiplomeTyped, read_diplome
from services.catalogue.suggest.metier import LATER_WORD, RANKS_PER_COST, Metier
from services.catalogue.suggest.metier_index import MetierIndex
from services.catalogue.suggest.postings import Numbers
from services.catalogue.suggest.word_index import NO_MATCH, Alternative, WordIndex, exact_word
from services.catalogue.text.analyser import stem, words
from services.catalogue.text.synonyms import Synonyms
from services.france.names import words as all_words

_MAX_OUTCOME_BONUS = 150
"""Bonus, in ranks, of the job that the matching diplomas lead to most often."""

_SYNONYM_COST = 4
"""Cost of a match by synonym. It is 0 for abbreviations and for words that no name has."""

_ABBREVIATION_CHARS = 3
_NOT_FOUND = 10**9

_REPEATED_CODE_COST = 30
"""Added, in ranks, for each better name of the same ROME code when the typed word is a topic."""

_Costs = npt.NDArray[np.int32]
_Flags = npt.NDArray[np.bool_]


class MetierSuggestions:
    """Finds jobs and diplomas by the words of their names."""

    def __init__(self, metiers: Sequence[Metier], index: MetierIndex, synonyms: Synonyms) -> None:
        """`index` is that of the same table. A row of the table is read only when it is suggested."""
        self._synonyms = synonyms
        self._metiers = metiers
        self._rows = index.rows
        self._ranks = index.ranks
        self._counts = index.counts
        self._index = WordIndex(index.postings)
        self._is_job = ~(index.is_diplome | index.is_group)
        self._first_rome = _first_romes(index)
        self._outcomes = _DiplomeOutcomes(index)
        self._by_kind = {
            kind: index.kind_entries[index.entry_kinds == number] for number, kind in enumerate(index.kinds)
        }

    def suggest(self, texte: str, first: int) -> list[Metier]:
        """The entries closest to the text, best first.

        Diplomas come first when the text names their kind ("cap cuisine"); otherwise jobs come first.
        """
        typed = all_words(texte)
        asked = read_diplome(typed)
        found = self._diplomes(asked, first) if asked else []
        subject = " ".join(asked.subject) if asked and asked.subject else texte
        if len(found) < first:
            seen = set(found)
            others = self._best(self._costs(self._significant_words(subject) or typed), first + len(found))
            found += [number for number in others if number not in seen]
        return [self._metiers[self._rows[number]] for number in found[:first]]

    def _diplomes(self, asked: DiplomeTyped, first: int) -> list[int]:
        """The diplomas of the kind; without a subject, those of most trainings."""
        of_kind = np.zeros(len(self._metiers), dtype=np.bool_)
        for kind in asked.kinds:
            if kind in self._by_kind:
                of_kind[self._by_kind[kind]] = True
        subject = self._significant_words(" ".join(asked.subject))
        costs = self._costs(subject, of_kind) if subject else -self._counts
        return self._best(np.where(of_kind, costs, _NOT_FOUND), first)

    def _costs(self, typed: Sequence[str], among: _Flags | None = None) -> _Costs:
        """The cost of each entry. Typing mistakes are allowed only when no entry matches without them."""
        if not typed:
            return np.full(len(self._metiers), _NOT_FOUND, dtype=np.int32)
        groups = list(self._groups(typed))
        costs = self._index.costs_of(groups)
        wanted = costs if among is None else costs[among]
        if wanted.min(initial=NO_MATCH) >= NO_MATCH:
            costs = self._index.costs_of(groups, with_mistakes=True)
        found = costs < NO_MATCH
        ranked = costs.astype(np.int32) * RANKS_PER_COST + self._ranks - self._outcomes.bonuses(found)
        if among is None and len(typed) == 1 and costs[self._is_job].min(initial=NO_MATCH) == LATER_WORD:
            ranked = self._interleave_codes(ranked, found)
        return np.where(found, ranked, _NOT_FOUND).astype(np.int32)

    def _interleave_codes(self, ranked: _Costs, found: _Flags) -> _Costs:
        """Raise the cost of repeated ROME codes, so that the names of one job don't fill the list."""
        jobs = np.flatnonzero(found & self._is_job)
        in_order = jobs[np.argsort(ranked[jobs], kind="stable")]
        interleaved, seen = ranked.copy(), Counter[int]()
        for number, rome in zip(in_order.tolist(), self._first_rome[in_order].tolist(), strict=True):
            interleaved[number] += _REPEATED_CODE_COST * seen[rome]
            seen[rome] += 1
        return interleaved

    def _significant_words(self, texte: str) -> list[str]:
        """The words without stop words and without ignored ones, such as "métier" and "formation"."""
        typed = list(words(texte))
        return [word for word in typed if stem(word) not in self._synonyms.ignored] or typed

    def _groups(self, typed: Sequence[str]) -> Iterator[list[Alternative]]:
        """The alternatives of each word, or of each phrase that has synonyms."""
        tokens = [stem(word) for word in typed]
        start = 0
        while start < len(typed):
            length, phrases = self._synonyms.longest_match(tokens[start:])
            passage = slice(start, start + max(1, length))
            stems = Alternative(tuple(map(exact_word, tokens[passage])))
            is_abbreviation = length == 1 and len(typed[start]) <= _ABBREVIATION_CHARS
            # No name has the word "mecano", so its synonyms are the intended meaning and cost nothing.
            is_named = all(map(self._index.contains, stems.words))
            cost = _SYNONYM_COST if is_named and not is_abbreviation else 0
            others = [Alternative(tuple(map(exact_word, phrase)), cost) for phrase in phrases]
            # An abbreviation such as "rh" is complete: it must not match "rhumatologue".
            as_typed = Alternative(tuple(typed[passage]), is_complete=is_abbreviation)
            yield [as_typed, stems, *others]
            start = passage.stop

    def _best(self, costs: _Costs, first: int) -> list[int]:
        found = np.flatnonzero(costs < _NOT_FOUND)
        # Entries are numbered by rank, then name. The stable sort keeps that order among equal costs.
        return [int(number) for number in found[np.argsort(costs[found], kind="stable")[:first]]]


class _DiplomeOutcomes:
    """The ROME codes that diplomas lead to; they show which jobs a typed word refers to."""

    def __init__(self, index: MetierIndex) -> None:
        self._diplomes = np.flatnonzero(index.is_diplome)
        self._trainings = np.zeros((len(self._diplomes), len(index.rome_codes)), dtype=np.float32)
        of_diplome = index.is_diplome[index.rome_entries]
        entries, romes = index.rome_entries[of_diplome], index.romes[of_diplome]
        shares = index.counts / np.maximum(np.bincount(index.rome_entries, minlength=len(index.rows)), 1)
        self._trainings[np.searchsorted(self._diplomes, entries), romes] = shares[entries]
        self._first_rome = _first_romes(index)
        self._is_diplome = index.is_diplome

    def bonuses(self, found: _Flags) -> _Costs:
        """The bonus of each entry, in ranks, from the diplomas among the found entries."""
        rows = np.flatnonzero(found[self._diplomes])
        trainings_by_rome = self._trainings[rows].sum(axis=0)
        most = trainings_by_rome.max(initial=0)
        if most <= 0:
            return np.zeros(len(found), dtype=np.int32)
        share = np.sqrt(trainings_by_rome / most)[self._first_rome]
        return np.where(self._is_diplome, 0, share * _MAX_OUTCOME_BONUS).astype(np.int32)


def _first_romes(index: MetierIndex) -> Numbers:
    """The first ROME code of each entry; every entry has one."""
    firsts = np.searchsorted(index.rome_entries, np.arange(len(index.rows)))
    return index.romes[firsts]
