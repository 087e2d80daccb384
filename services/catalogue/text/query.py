"""Turns typed text into the tokens to search for: completions, typing mistakes and synonyms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from services.catalogue.criteria import EXACT, FUZZIER, FUZZY, PREFIX, SYNONYM, Alternative, TextQuery
from services.catalogue.text.analyser import Analyser, stem, words
from services.catalogue.text.limits import MAX_WORDS
from services.catalogue.text.similar import Comparisons
from services.catalogue.text.synonyms import Synonyms
from services.catalogue.text.vocabulary import Vocabulary

_MAX_COMPLETIONS = 30
_MAX_SIMILAR = 6
_MAX_GROUPS = 16
"""Limit on the groups that one passage and its synonyms expand to."""

_COMMON_COUNT = 20
"""The last word is not completed when at least this many trainings have it."""

_MAX_CUT_LETTERS = 3
"""The last word may stop inside an ending that the stemmer removes ("boulangeri").

The search for its stem removes at most this many letters.
"""

Factors = dict[str, int]
"""Maps a token to the factor of its match: EXACT, PREFIX, FUZZY and so on of `criteria`."""


@dataclass(frozen=True, slots=True)
class _TypedWord:
    """A typed word and its possible meanings."""

    token: str
    """The token to look synonyms up by: its own, or that of the most similar known word."""
    alternatives: Factors
    synonym_factor: int = SYNONYM


def expand(texte: str, analyser: Analyser, vocabulary: Vocabulary, synonyms: Synonyms) -> TextQuery | None:
    """The query for a text; None when the text has only stop words.

    A word is ignored when no training has it or a similar one. When all words are ignored, the query
    matches nothing.
    """
    typed = dict(zip(analyser.tokens(texte), words(texte), strict=True))
    if not typed:
        return None
    kept = {token: word for token, word in typed.items() if token not in synonyms.ignored} or typed
    items = list(kept.items())[:MAX_WORDS]
    expander = _Expander(vocabulary, synonyms)
    expanded = [
        expander.expand_word(token, word, last=number == len(items) - 1)
        for number, (token, word) in enumerate(items)
    ]
    groups = tuple(dict.fromkeys(map(_group, expander.groups(expanded))))
    return TextQuery(groups, match_all=bool(groups))


def _group(factors: Factors) -> tuple[Alternative, ...]:
    return tuple(Alternative(token, factors[token]) for token in sorted(factors))


class _Expander:
    """Expands typed words with the vocabulary of one generation and the synonyms."""

    def __init__(self, vocabulary: Vocabulary, synonyms: Synonyms) -> None:
        self._vocabulary = vocabulary
        self._synonyms = synonyms
        self._comparisons = Comparisons()

    def expand_word(self, token: str, word: str, *, last: bool) -> _TypedWord:
        known: Factors = {token: EXACT} if self._vocabulary.count(token) else {}
        if last and self._vocabulary.count(token) < _COMMON_COUNT and not self._synonyms.has_token(token):
            known = dict.fromkeys(self._completions(token, word), PREFIX) | known
        if known or self._synonyms.has_token(token):
            return _TypedWord(token, known)
        similar = self._similar_tokens(token, word)
        indexed = {each: factor for each, factor in similar.items() if self._vocabulary.count(each)}
        return _TypedWord(next(iter(similar), token), indexed, FUZZIER if similar else SYNONYM)

    def _completions(self, token: str, word: str) -> list[str]:
        if len(word) < 2:
            return []
        found = self._vocabulary.completions(token, _MAX_COMPLETIONS)
        return found or list(self._stem_without_last_letters(word))

    def _stem_without_last_letters(self, word: str) -> Iterator[str]:
        for cut in range(1, _MAX_CUT_LETTERS + 1):
            token = stem(word[:-cut])
            if len(token) > 4 and self._vocabulary.count(token):
                yield token
                return

    def _similar_tokens(self, token: str, word: str) -> Factors:
        # The stemmer misses a misspelt ending: the word may then be closer to a known token than its stem.
        spellings = list(dict.fromkeys([token, word, word.removesuffix("e")]))
        found = self._vocabulary.similar_tokens(spellings, _MAX_SIMILAR, self._comparisons)
        found += self._synonyms.similar_tokens(spellings, _MAX_SIMILAR, self._comparisons)
        nearest_first = sorted(found, key=lambda pair: pair[1])
        return {each: FUZZY if edits <= 1 else FUZZIER for each, edits in nearest_first}

    def groups(self, typed: Sequence[_TypedWord]) -> Iterator[Factors]:
        """The groups of alternatives; a training must match each group."""
        start = 0
        while start < len(typed):
            length, phrases = self._synonyms.longest_match([each.token for each in typed[start:]])
            passage = typed[start : start + max(1, length)]
            yield from self._passage_groups(passage, phrases)
            start += len(passage)

    def _passage_groups(
        self, passage: Sequence[_TypedWord], synonyms: Sequence[tuple[str, ...]]
    ) -> Iterator[Factors]:
        """The groups that match all words of the passage, or all words of any one synonym."""
        as_typed = [each.alternatives for each in passage if each.alternatives]
        factor = min(each.synonym_factor for each in passage)
        tokens = {each.token for each in passage}
        options = [
            [{token: factor} for token in each]
            for each in synonyms
            # A synonym that includes all typed words and more matches no further training.
            if not tokens <= set(each) and all(map(self._vocabulary.count, each))
        ]
        if as_typed and (len(as_typed) == len(passage) or not options):
            options.insert(0, as_typed)
        while prod(map(len, options)) > _MAX_GROUPS:
            options.pop()
        # The options are alternatives, but groups must all match: (A and B) or C = (A or C) and (B or C).
        yield from map(_merge, product(*options)) if options else ()


def _merge(choices: Iterable[Factors]) -> Factors:
    merged: Factors = {}
    for factors in choices:
        for token, factor in factors.items():
            merged[token] = max(factor, merged.get(token, 0))
    return merged
