"""Codes of French institutions, and what can be read in them."""

from __future__ import annotations


def departement_of_insee(insee: str) -> str:
    """Departement that a commune's code begins with: "74010" → "74", "97411" → "974", "2A004" → "2A"."""
    return insee[:3] if insee.startswith(("97", "98")) else insee[:2]


def departement_of_postal_code(code_postal: str) -> str:
    """Departement that a postal code begins with, as INSEE writes it: "20000" → "2A", "97410" → "974"."""
    if code_postal.startswith("20"):
        return "2A" if code_postal.startswith(("200", "201")) else "2B"
    return code_postal[:3] if code_postal.startswith(("97", "98")) else code_postal[:2]
