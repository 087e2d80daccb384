"""From what a person types to the tokens to look for: spellings, beginnings, mistakes, synonyms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from services.catalogue.criteria import EXACT, FUZZIER, FUZZY, PREFIX, SYNONYM, Alternative, TextQuery
from services.catalogue.text.analyser import Analyser, stem, words
from services.catalogue.text.synonyms import Synonyms
from services.catalogue.text.vocabulary import Vocabulary

_MAX_WORDS = 12
_MAX_COMPLETIONS = 30
_MAX_LOOKALIKES = 6
_MAX_GROUPS = 16
"""Of one passage and its synonyms."""

_FINISHED = 20
"""A last word that so many trainings hold is taken as it is, else as the beginning of another too."""

_UNFINISHED_LETTERS = 3
"""A last word may be so many letters into an ending that the stemmer cuts: boulangeri."""

Factors = dict[str, int]
"""Tokens with how much of a field's worth they are."""


@dataclass(frozen=True, slots=True)
class _Typed:
    """A word that was typed, and what it may stand for."""

    token: str
    """The one that synonyms are looked up by: its own, or that of the word that it looks like most."""
    alternatives: Factors
    synonym: int = SYNONYM


def expand(texte: str, analyser: Analyser, vocabulary: Vocabulary, synonyms: Synonyms) -> TextQuery | None:
    """The query for a text; None when there is nothing to look for in it.

    Words that no training holds, nor anything like them, are left out. When that is all of them the
    query finds nothing.
    """
    typed = dict(zip(analyser.tokens(texte), words(texte), strict=True))
    if not typed:
        return None
    told = {token: word for token, word in typed.items() if token not in synonyms.ignored} or typed
    items = list(told.items())[:_MAX_WORDS]
    reader = _Reader(vocabulary, synonyms)
    read = [
        reader.typed(token, word, last=number == len(items) - 1) for number, (token, word) in enumerate(items)
    ]
    groups = tuple(dict.fromkeys(map(_group, reader.groups(read))))
    return TextQuery(groups, match_all=bool(groups))


def _group(factors: Factors) -> tuple[Alternative, ...]:
    return tuple(Alternative(token, factors[token]) for token in sorted(factors))


class _Reader:
    """Reads the words of one text with the words of one generation."""

    def __init__(self, vocabulary: Vocabulary, synonyms: Synonyms) -> None:
        self._vocabulary = vocabulary
        self._synonyms = synonyms

    def typed(self, token: str, word: str, *, last: bool) -> _Typed:
        known: Factors = {token: EXACT} if self._vocabulary.count(token) else {}
        if last and self._vocabulary.count(token) < _FINISHED and not self._synonyms.knows(token):
            known = dict.fromkeys(self._completions(token, word), PREFIX) | known
        if known or self._synonyms.knows(token):
            return _Typed(token, known)
        lookalikes = self._lookalikes(token, word)
        held = {each: factor for each, factor in lookalikes.items() if self._vocabulary.count(each)}
        return _Typed(next(iter(lookalikes), token), held, FUZZIER if lookalikes else SYNONYM)

    def _completions(self, token: str, word: str) -> list[str]:
        if len(word) < 2:
            return []
        found = self._vocabulary.completions(token, _MAX_COMPLETIONS)
        return found or list(self._endings_cut(word))

    def _endings_cut(self, word: str) -> Iterator[str]:
        for cut in range(1, _UNFINISHED_LETTERS + 1):
            token = stem(word[:-cut])
            if len(token) > 4 and self._vocabulary.count(token):
                yield token
                return

    def _lookalikes(self, token: str, word: str) -> Factors:
        # An ending that is misspelt is not cut: the word itself may look like a token better.
        spellings = list(dict.fromkeys([token, word, word.removesuffix("e")]))
        found = self._vocabulary.lookalikes(spellings, _MAX_LOOKALIKES)
        found += self._synonyms.lookalikes(spellings, _MAX_LOOKALIKES)
        nearest_first = sorted(found, key=lambda pair: pair[1])
        return {each: FUZZY if edits <= 1 else FUZZIER for each, edits in nearest_first}

    def groups(self, read: Sequence[_Typed]) -> Iterator[Factors]:
        """All of which a training must meet."""
        start = 0
        while start < len(read):
            length, options = self._synonyms.at([each.token for each in read[start:]])
            passage = read[start : start + max(1, length)]
            yield from self._passage(passage, options)
            start += len(passage)

    def _passage(self, passage: Sequence[_Typed], synonyms: Sequence[tuple[str, ...]]) -> Iterator[Factors]:
        """What was typed, all of it, or any of the synonyms, all of that one."""
        as_typed = [each.alternatives for each in passage if each.alternatives]
        factor = min(each.synonym for each in passage)
        tokens = {each.token for each in passage}
        options = [
            [{token: factor} for token in each]
            for each in synonyms
            # One that says all that was typed, and more, finds nothing more.
            if not tokens <= set(each) and all(map(self._vocabulary.count, each))
        ]
        if as_typed and (len(as_typed) == len(passage) or not options):
            options.insert(0, as_typed)
        while prod(map(len, options)) > _MAX_GROUPS:
            options.pop()
        # "A and B, or C" is "A or C, and B or C".
        yield from map(_merged, product(*options)) if options else ()


def _merged(choices: Iterable[Factors]) -> Factors:
    merged: Factors = {}
    for factors in choices:
        for token, factor in factors.items():
            merged[token] = max(factor, merged.get(token, 0))
    return merged
