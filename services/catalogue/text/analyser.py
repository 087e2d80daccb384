"""Splits French text into tokens. Stored text and typed text go through the same analyser on both engines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from services.france.names import fold

VERSION = "1"
"""Increase it with every change of the analyser that gives other tokens for the same text.

An index built with another version is refused.
"""

_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’ʼ`´](?=\w)", re.IGNORECASE)
_FEMININE = re.compile(
    r"(?<=\w{3})[(./·•‧-](?:e|t|ne|se|le|te|ère|ere|iere|ière|euse|trice|rice|fe|ve|s|es)(?:[.·•‧-]s)?(?:\)|(?!\w))",
    re.IGNORECASE,
)
"""The marks of feminine and plural in "assistant(e)", "vendeur/se", "étudiant·e·s"."""
_DOTTED_ACRONYM = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?|\b\w\.\w\b")
"""Matches C.A.P. and B.T.S"""
_PARENTHESES = re.compile(r"\([^()]*\)")
_TITLE_SEPARATOR = re.compile(
    r"\b(?:OPTION(?:\s+[A-Z0-9])?|SPECIALITE|SPÉCIALITÉ|MENTION)\b|[:;]", re.IGNORECASE
)
_DOUBLED_LETTER = re.compile(r"(.)\1+")
_VOWEL = re.compile(r"[aeiouy]")
_DIGIT = re.compile(r"[0-9]")

_STOP_WORD_LIST = (
    "a au aux avec ce ces cette chez dans de des du elle en est et eux il ils je la le les leur leurs lui"
    " mais me mes moi mon ne nos notre nous on ou par pas pour pres qu que qui sa se ses son sont sous sur"
    " ta te tes toi ton tu un une vers via vos votre vous y"
)
_UNSTEMMED_LIST = "bois bts btsa cap capa cqp jeps pmi pme rh tpe sap"
_DIPLOMA_LIST = "bac bep bm bp bts btsa but cap capa cqp cs dut mc"

STOP_WORDS = frozenset(_STOP_WORD_LIST.split())
_UNSTEMMED = frozenset(_UNSTEMMED_LIST.split())
"""Words and acronyms that the stemmer leaves as they are. An acronym of a title keeps them in full."""
_DIPLOMAS = frozenset(_DIPLOMA_LIST.split())
"""Acronyms of diplomas. Titles write them out, so an acronym made from a title must not equal one of them."""

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
"""(suffix, replacement, fewest letters left of it). The stemmer applies the first rule that matches.

A trade and its workers get the same token (boulanger, boulangerie). Short words stay apart (vente, vents).
"""

_ACRONYM_LETTERS = range(3, 7)
"""Acronyms of two letters are ignored: each would match about a hundred titles."""


class Analyser:
    """Gives the tokens of French text: folded, without stop words, the same for all genders and numbers.

    A general stemmer separates words that this field treats as one: Snowball
    (https://snowballstem.org/algorithms/french/stemmer.html) gives "boulang" for boulanger, "boulanger"
    for boulangers and boulangère. Ours is lighter and keeps them together.
    """

    def __init__(self) -> None:
        # An import analyses the same titles and towns thousands of times.
        self._tokens_of = lru_cache(maxsize=20_000)(_tokens)

    def tokens(self, text: str) -> list[str]:
        """The tokens in the order of the text, duplicates included."""
        return list(self._tokens_of(text))

    def acronyms(self, title: str) -> set[str]:
        """The acronyms of the title and of its option, made with and without stop words."""
        bare = _ELISION.sub(" ", _FEMININE.sub(" ", title))
        bare = _PARENTHESES.sub(" ", bare)
        found = set()
        for part in _TITLE_SEPARATOR.split(bare):
            written = fold(part).split()
            for kept in (written, [word for word in written if word not in STOP_WORDS]):
                initials = "".join(word if word in _UNSTEMMED else word[0] for word in kept)
                if len(kept) > 1 and len(initials) in _ACRONYM_LETTERS and initials.isalpha():
                    found.add(stem(initials))
        return found - _DIPLOMAS


def words(text: str) -> Iterator[str]:
    """The folded words of a text, without stop words."""
    text = _DOTTED_ACRONYM.sub(lambda match: match[0].replace(".", ""), text)
    text = _ELISION.sub(" ", _FEMININE.sub(" ", text))
    return (word for word in fold(text).split() if word not in STOP_WORDS)


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(map(stem, words(text)))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The token of a folded word."""
    if len(word) < 4 or word in _UNSTEMMED or _DIGIT.search(word) or not _VOWEL.search(word):
        return word
    word = _singular(word)
    if len(word) < 5:
        return word
    word = _DOUBLED_LETTER.sub(r"\1", word)
    for suffix, replacement, fewest_left in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= fewest_left:
            return word[: -len(suffix)] + replacement
    return word


def _singular(word: str) -> str:
    if word.endswith("aux") and len(word) > 5 and word[-4] != "e":
        return word[:-2] + "l"
    return word[:-1] if word[-1] in "sx" else word
