"""Draws the numbers and choices of the demonstration set: the same on every machine, unlike any real one."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

from deploy.local.demonstration.facts import Place

T = TypeVar("T")

FICTITIOUS_SIREN_PREFIX = "0000"
"""No company has a SIREN with this prefix: the lowest in INSEE's register is 000 325 175."""

_MAX_SIRENS = 10_000
_UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def draw(limit: int, *key: object) -> int:
    """A pseudo-random number from 0 to limit - 1 that depends on the key alone."""
    digest = blake2b(repr(key).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % limit


def pick(choices: Sequence[T], *key: object) -> T:
    return choices[draw(len(choices), *key)]


def luhn_digit(digits: str) -> str:
    """The check digit of Luhn's algorithm (https://en.wikipedia.org/wiki/Luhn_algorithm)."""
    doubled = (int(digit) * (1 + (rank % 2 == 0)) for rank, digit in enumerate(reversed(digits)))
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def fictitious_siret(number: int) -> str:
    """The SIRET of the head office of a fictitious company, numbered from 1 to 9,999.

    Both the SIREN and the SIRET pass Luhn's check.
    """
    if not 0 < number < _MAX_SIRENS:
        raise ValueError(f"only {_MAX_SIRENS - 1} fictitious companies exist, no number {number}")
    siren = f"{FICTITIOUS_SIREN_PREFIX}{number:04}"
    headquarters = siren + luhn_digit(siren) + "0001"
    return headquarters + luhn_digit(headquarters)


def fictitious_uai(number: int) -> str:
    """A UAI of the departement 999, which does not exist."""
    digits = f"999{number:04}"
    return digits + _UAI_LETTERS[int(digits) % 23]


def near(place: Place, spread_km: float, *key: object) -> tuple[float, float]:
    """Latitude and longitude of a point in a square of 2 × `spread_km` around the place."""
    degrees = spread_km / 111
    north, east = (draw(2001, "near", side, *key) / 1000 - 1 for side in "ne")
    return round(place.latitude + degrees * north, 5), round(place.longitude + degrees * east, 5)


def register_name(text: str) -> str:
    """The text in upper case without accents, as the register of companies writes it."""
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().upper()
