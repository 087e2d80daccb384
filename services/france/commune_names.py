"""Normalises the names of communes, which people and files write in many ways."""

from __future__ import annotations

import re
from collections.abc import Iterable

from services.france.names import words

_SHORTENED = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
"""Abbreviations in addresses, with the words of official names."""

_CEDEX = "cedex"
_NUMBER = re.compile(r" 0*([0-9]+)(?:er|e|eme)?(?: arrondissement)?$")
_DIVIDED = frozenset({"paris", "lyon", "marseille"})
"""Cities whose arrondissements have INSEE codes of their own: https://www.insee.fr/fr/information/2560452"""


def in_full(folded: Iterable[str]) -> list[str]:
    """The folded words of a name, with abbreviations written in full: "st" → "saint"."""
    return [_SHORTENED.get(word, word) for word in folded]


def plain_name(name: str) -> str:
    """One form for all spellings of a commune's name.

    "ST-CÉRÉ" and "Saint-Céré" are one, "SAINT ETIENNE CEDEX 2" and "Saint-Étienne", "PARIS 01" and
    "Paris 1er Arrondissement".
    """
    spelt = in_full(words(name))
    if _CEDEX in spelt:
        spelt = spelt[: spelt.index(_CEDEX)]
    plain = " ".join(spelt)
    number = _NUMBER.search(plain)
    if number is None:
        return plain
    city = plain[: number.start()]
    # The number after the name of another city is that of a post office.
    return f"{city} {number[1]}" if city in _DIVIDED else city
