"""French text as tokens, the same for what is stored and for what is typed, whatever the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from services.france.names import fold

VERSION = "1"
"""Changes with every token that would be different: an index of another version is not read."""

_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’ʼ`´](?=\w)", re.IGNORECASE)
_FEMININE = re.compile(
    r"(?<=\w{3})[(./·•‧-](?:e|t|ne|se|le|te|ère|ere|iere|ière|euse|trice|rice|fe|ve|s|es)(?:[.·•‧-]s)?(?:\)|(?!\w))",
    re.IGNORECASE,
)
"""Of "assistant(e)", "vendeur/se", "étudiant·e·s": the feminine and plural marks."""
_DOTTED = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?|\b\w\.\w\b")
"""C.A.P., B.T.S"""
_PARENTHESES = re.compile(r"\([^()]*\)")
_PARTS = re.compile(r"\b(?:OPTION(?:\s+[A-Z0-9])?|SPECIALITE|SPÉCIALITÉ|MENTION)\b|[:;]", re.IGNORECASE)
_DOUBLED = re.compile(r"(.)\1+")
_VOWEL = re.compile(r"[aeiouy]")
_DIGIT = re.compile(r"[0-9]")

_LITTLE = (
    "a au aux avec ce ces cette chez dans de des du elle en est et eux il ils je la le les leur leurs lui"
    " mais me mes moi mon ne nos notre nous on ou par pas pour pres qu que qui sa se ses son sont sous sur"
    " ta te tes toi ton tu un une vers via vos votre vous y"
)
_UNCUT = "bois bts btsa cap capa cqp jeps pmi pme rh tpe sap"
_KINDS_OF_DIPLOMA = "bac bep bm bp bts btsa but cap capa cqp cs dut mc"

STOP_WORDS = frozenset(_LITTLE.split())
_WHOLE = frozenset(_UNCUT.split())
"""Words and acronyms that are not cut; in the initials of a title they stay whole too."""
_DIPLOMAS = frozenset(_KINDS_OF_DIPLOMA.split())
"""Are in titles as such; the initials of something else would be taken for them."""

_SUFFIXES = (
    ("isterie", "", 4),
    ("erie", "", 4),
    ("iere", "", 4),
    ("iste", "", 4),
    ("ier", "", 4),
    ("trice", "teur", 4),
    ("euse", "eur", 4),
    ("ive", "if", 4),
    ("ere", "", 4),
    ("er", "", 4),
    ("ie", "", 4),
    ("e", "", 5),
)
"""The first one that leaves so many letters is replaced.

A trade and who is in it come to the same: boulanger, boulangerie. What is short stays apart: vente, vents.
"""

_ACRONYM_LETTERS = range(3, 7)
"""Of two letters there are so many that each would stand for a hundred titles."""


class Analyser:
    """Tokens of French texts: folded, without stop words, plurals and genders brought together.

    The stemmer is our own and light, as general ones part words of this trade that people hold for
    one: Snowball gives "boulang" for boulanger, "boulanger" for boulangers and boulangère.
    """

    def __init__(self) -> None:
        # Titles and towns come back thousands of times in an import.
        self._tokens_of = lru_cache(maxsize=20_000)(_tokens)

    def tokens(self, text: str) -> list[str]:
        """In the order of the text; a word that comes twice gives two."""
        return list(self._tokens_of(text))

    def acronyms(self, title: str) -> set[str]:
        """Initials of the title, and of its option, with and without their little words."""
        bare = _ELISION.sub(" ", _FEMININE.sub(" ", title))
        bare = _PARENTHESES.sub(" ", bare)
        found = set()
        for part in _PARTS.split(bare):
            written = fold(part).split()
            for kept in (written, [word for word in written if word not in STOP_WORDS]):
                initials = "".join(word if word in _WHOLE else word[0] for word in kept)
                if len(kept) > 1 and len(initials) in _ACRONYM_LETTERS and initials.isalpha():
                    found.add(stem(initials))
        return found - _DIPLOMAS


def words(text: str) -> Iterator[str]:
    """The folded words of a text that say something."""
    text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text)
    text = _ELISION.sub(" ", _FEMININE.sub(" ", text))
    return (word for word in fold(text).split() if word not in STOP_WORDS)


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(map(stem, words(text)))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The token of a folded word."""
    if len(word) < 4 or word in _WHOLE or _DIGIT.search(word) or not _VOWEL.search(word):
        return word
    word = _singular(word)
    if len(word) < 5:
        return word
    word = _DOUBLED.sub(r"\1", word)
    for suffix, replacement, letters in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= letters:
            return word[: -len(suffix)] + replacement
    return word


def _singular(word: str) -> str:
    if word.endswith("aux") and len(word) > 5 and word[-4] != "e":
        return word[:-2] + "l"
    return word[:-1] if word[-1] in "sx" else word
