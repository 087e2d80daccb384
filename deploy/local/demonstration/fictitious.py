"""Numbers and choices of the demonstration set: the same on every machine, and belonging to nobody."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

from deploy.local.demonstration.facts import Place

T = TypeVar("T")

FICTITIOUS_SIREN_PREFIX = "0000"
"""No company has such a SIREN: the lowest that INSEE gave is 000 325 175."""

_MAX_SIRENS = 10_000
_UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def draw(limit: int, *key: object) -> int:
    """A number in [0, limit[ that depends on the key alone, not on the draws before it."""
    digest = blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % limit


def pick(choices: Sequence[T], *key: object) -> T:
    return choices[draw(len(choices), *key)]


def luhn_digit(digits: str) -> str:
    """The check digit to append."""
    doubled = (int(digit) * (1 + (rank % 2 == 0)) for rank, digit in enumerate(reversed(digits)))
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def fictitious_siret(number: int) -> str:
    """The head office of the number-th fictitious company. SIREN and SIRET both pass Luhn's check."""
    if not 0 < number < _MAX_SIRENS:
        raise ValueError(f"only {_MAX_SIRENS - 1} fictitious companies exist, no number {number}")
    siren = f"{FICTITIOUS_SIREN_PREFIX}{number:04}"
    headquarters = siren + luhn_digit(siren) + "0001"
    return headquarters + luhn_digit(headquarters)


def fictitious_uai(number: int) -> str:
    """In the departement 999, which is none."""
    digits = f"999{number:04}"
    return digits + _UAI_LETTERS[int(digits) % 23]


def near(place: Place, spread_km: float, *key: object) -> tuple[float, float]:
    """A point in a square around the middle of a place."""
    degrees = spread_km / 111
    north, east = (draw(2001, "near", side, *key) / 1000 - 1 for side in "ne")
    return round(place.latitude + degrees * north, 5), round(place.longitude + degrees * east, 5)


def register_name(text: str) -> str:
    """Upper case without accents, as in the register of companies."""
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().upper()
