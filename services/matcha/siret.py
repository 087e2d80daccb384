"""SIRET: 14 digits whose last one is a key."""

from __future__ import annotations

import re

_SIRET = re.compile(r"[0-9]{14}")
_LA_POSTE = "356000000"


def is_valid_siret(siret: str) -> bool:
    """Luhn's key; the establishments of La Poste have another: the sum of the digits divides by 5."""
    if not _SIRET.fullmatch(siret):
        return False
    return _luhn_sum(siret) % 10 == 0 or (siret.startswith(_LA_POSTE) and sum(map(int, siret)) % 5 == 0)


def _luhn_sum(digits: str) -> int:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled)
