"""Reads the file of synonyms: the words that people type for the words of titles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from services.catalogue.text.analyser import Analyser
from services.catalogue.text.similar import Comparisons
from services.catalogue.text.vocabulary import Vocabulary

FILE = Path(__file__).with_name("synonymes.txt")

Phrase = tuple[str, ...]


class BadSynonym(ValueError):
    """A line of the file has a phrase without any token; the message gives the line and the phrase."""


class Synonyms:
    """The synonyms of `synonymes.txt`; the head of that file describes its format.

    Phrases are compared as tokens, so gender, number and accents don't matter. Raises BadSynonym.
    """

    def __init__(self, lines: Iterable[str], analyser: Analyser) -> None:
        self._analyser = analyser
        self._others: dict[Phrase, dict[Phrase, None]] = {}
        self.ignored: set[str] = set()
        """Tokens to leave out of a text that has others."""
        for number, line in enumerate(lines, start=1):
            content = line.partition("#")[0].strip()
            if content:
                self._add(content, number)
        self._longest = max(map(len, self._others), default=0)
        self._tokens = {token for phrase in self._others for token in phrase}
        self._single_tokens = Vocabulary({phrase[0]: 1 for phrase in self._others if len(phrase) == 1})

    def _add(self, content: str, number: int) -> None:
        left, arrow, right = content.partition(">")
        sources = list(self._phrases(left, number))
        if not arrow:
            self._link(sources, sources)
        elif right.strip():
            self._link(sources, list(self._phrases(right, number)))
        else:
            self.ignored.update(token for phrase in sources for token in phrase)

    def _phrases(self, written: str, number: int) -> Iterator[Phrase]:
        for each in written.split(","):
            phrase = tuple(self._analyser.tokens(each))
            if not phrase:
                raise BadSynonym(f"line {number}: « {each.strip()} » holds no word to look for")
            yield phrase

    def _link(self, sources: Sequence[Phrase], targets: Sequence[Phrase]) -> None:
        for source in sources:
            others = self._others.setdefault(source, {})
            others.update(dict.fromkeys(target for target in targets if target != source))

    def has_token(self, token: str) -> bool:
        """Whether the token is in a phrase that has synonyms."""
        return token in self._tokens

    def similar_tokens(
        self, spellings: Iterable[str], limit: int, comparisons: Comparisons
    ) -> list[tuple[str, int]]:
        """As `Vocabulary.similar_tokens`, over the phrases of one token that have synonyms."""
        return self._single_tokens.similar_tokens(spellings, limit, comparisons)

    def longest_match(self, tokens: Sequence[str]) -> tuple[int, Sequence[Phrase]]:
        """The length of the longest phrase with synonyms at the start of the tokens, and its synonyms.

        The length is 0 when no phrase matches.
        """
        for length in range(min(self._longest, len(tokens)), 0, -1):
            found = self._others.get(tuple(tokens[:length]))
            if found:
                return length, list(found)
        return 0, []


def read_synonyms(analyser: Analyser) -> Synonyms:
    """Read the synonyms that are shipped with the code."""
    return Synonyms(FILE.read_text(encoding="utf-8").splitlines(), analyser)
