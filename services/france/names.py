"""Folding of names, so that what is typed meets what is written."""

from __future__ import annotations

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def fold(text: str) -> str:
    """Lower case, without accents, ligatures nor punctuation; words are parted by one space."""
    text = text.casefold()
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
        text = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", text).strip()


def words(text: str) -> list[str]:
    return fold(text).split()


def squeeze(text: str) -> str:
    """The text on one line, each run of spaces as one."""
    return " ".join(text.split())
