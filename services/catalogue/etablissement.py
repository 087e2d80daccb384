"""A training organisation."""

from __future__ import annotations

from dataclasses import dataclass

from services.france.lieu import Lieu


@dataclass(frozen=True, slots=True)
class Etablissement:
    """A training organisation (CFA) at one address."""

    siret: str
    raison_sociale: str
    uai: str | None = None
    enseigne: str | None = None
    lieu: Lieu | None = None
    qualiopi: bool | None = None
    onisep_url: str | None = None
    """Its page at Onisep."""


_LA_POSTE = "356000000"


def is_siret(text: str) -> bool:
    """Whether the text is 14 digits with a right check digit."""
    if len(text) != 14 or not text.isascii() or not text.isdigit():
        return False
    if text.startswith(_LA_POSTE) and sum(map(int, text)) % 5 == 0:
        # Its post offices are more than the check digit allows: INSEE sums their plain digits.
        return True
    doubled = (int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(text)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
