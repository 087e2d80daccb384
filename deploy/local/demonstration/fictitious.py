"""Draws the numbers and choices of the demonstration set: the same on every machine, unlike any real one."""

from __future__ import annotations

from stdnum import luhn

from deploy.local.demonstration.facts import Place
from services.france.fictif import draw
from services.france.names import unaccented

FICTITIOUS_SIREN_PREFIX = "0000"
"""No company has a SIREN with this prefix: the lowest in INSEE's register is 000 325 175."""

_MAX_SIRENS = 10_000
_UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def fictitious_siret(number: int) -> str:
    """The SIRET of the head office of a fictitious company, numbered from 1 to 9,999.

    Both the SIREN and the SIRET pass Luhn's check.
    """
    if not 0 < number < _MAX_SIRENS:
        raise ValueError(f"only {_MAX_SIRENS - 1} fictitious companies exist, no number {number}")
    siren = f"{FICTITIOUS_SIREN_PREFIX}{number:04}"
    headquarters = siren + luhn.calc_check_digit(siren) + "0001"
    return headquarters + luhn.calc_check_digit(headquarters)


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
    return unaccented(text).upper()
