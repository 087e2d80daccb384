"""Reads the partner's labels (places, levels, contracts), and masks contacts in its texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from services.common.texts import Kind, mended
from services.jobs.offre import ContratType

_LIBELLE = re.compile(r"\s*([0-9]{2,3}|2[ABab])\s*-\s*(\S.*?)\s*")
_DEPARTEMENT_ONLY = re.compile(r".*\(\s*d[eé]p(t|artement)?\.?\s*\)", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.,+])(?:(?:\+|00)33[\s.]?(?:\(0\)[\s.]?)?|0)[1-9](?:[\s.-]?[0-9]{2}){4}(?!\w)")
_SMALL_WORDS = frozenset(
    ["au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "lès", "sous", "sur"]
)
_NIVEAUX = (
    (re.compile(r"\b(?:cap|bep)\b", re.IGNORECASE), 3),
    (re.compile(r"\bbac\b(?!\s*\+)", re.IGNORECASE), 4),
    (re.compile(r"\bbac\s*\+\s*2", re.IGNORECASE), 5),
    (re.compile(r"\bbac\s*\+\s*[34]", re.IGNORECASE), 6),
    (re.compile(r"\bbac\s*\+\s*[5-8]", re.IGNORECASE), 7),
)


def read_libelle(libelle: str | None) -> tuple[str | None, str | None]:
    """The departement and the commune in the label of a place, each None if absent.

    "46 - CAHORS" has both, "75 - Paris (Dept.)" the departement alone, "France" none.
    """
    match = _LIBELLE.fullmatch(libelle or "")
    if not match:
        return None, None
    departement = match[1].upper()
    return departement, None if _DEPARTEMENT_ONLY.fullmatch(match[2]) else match[2]


def readable_name(name: str) -> str:
    """A commune's name in lower case with capitals: "VILLIERS LE DUC" → "Villiers le Duc"."""
    if not name.isupper():
        return name
    words = re.split(r"([\s'-]+)", name.lower())
    return "".join(
        word if index and word in _SMALL_WORDS else word.capitalize() for index, word in enumerate(words)
    )


def read_niveaux(labels: Iterable[str | None]) -> frozenset[int]:
    """The levels in labels like "CAP, BEP et équivalents"; there is none below CAP."""
    return frozenset(
        niveau for label in labels if label for pattern, niveau in _NIVEAUX if pattern.search(label)
    )


def read_contrat_type(nature: str | None) -> ContratType | None:
    """From the label ("Contrat apprentissage", "Cont. professionnalisation") or the code (E2, FS)."""
    plain = (nature or "").strip().casefold()
    if plain == "e2" or "apprentissage" in plain:
        return ContratType.APPRENTISSAGE
    if plain == "fs" or "professionnalisation" in plain:
        return ContratType.PROFESSIONNALISATION
    return None


def public_text(text: str | None, kind: Kind) -> str | None:
    """The mended text without the e-mail addresses and phone numbers that employers write in it."""
    # An address may be hidden by characters that nobody sees.
    masked = _PHONE.sub("[téléphone masqué]", _EMAIL.sub("[adresse masquée]", mended(text or "", kind)))
    return masked or None


def web_address(text: str | None) -> str | None:
    """The text if it is an http(s) address, else None: pages show it as a link."""
    try:
        parts = urlsplit((text or "").strip())
    except ValueError:
        return None
    return parts.geturl() if parts.scheme in ("http", "https") and parts.netloc else None
