"""Folds names, so that different spellings of one name compare equal."""

from __future__ import annotations

import re
import unicodedata

_LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "Œ": "OE", "Æ": "AE", "Ø": "O", "Ł": "L"}
)
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def unaccented(text: str) -> str:
    """The text without accents and ligatures; case and punctuation are kept."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def fold(text: str) -> str:
    """The text in lower case without accents, ligatures and punctuation; one space separates words."""
    return _NOT_WORD.sub(" ", unaccented(text).casefold()).strip()


def words(text: str) -> list[str]:
    return fold(text).split()


def squeeze(text: str) -> str:
    """The text on one line, with single spaces."""
    return " ".join(text.split())
