"""Checks of what people type, the same words in every service; each returns the problems it finds."""

from __future__ import annotations

import re
import unicodedata

from services.common.errors import Problem

MAX_EMAIL_CHARS = 254

# What HTML accepts in <input type="email">, with a dot required in the domain.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+", re.IGNORECASE)
_TELEPHONE = re.compile(r"0[1-9][0-9]{8}")
_SEPARATORS = re.compile(r"[ .\-\u00a0\u202f]")
_KEY = re.compile(r"[!-~]{8,100}")


def text_problems(path: str, value: str, at_least: int, at_most: int) -> list[Problem]:
    """Length, the blanks around left aside; no control character but ends of line and tabs."""
    length = len(value.strip())
    if length < at_least and not length:
        return [Problem(path, f"obligatoire, de {at_least} à {at_most} caractères")]
    if not at_least <= length <= at_most:
        return [Problem(path, f"{length} caractères ; il en faut de {at_least} à {at_most}")]
    if any(unicodedata.category(char) == "Cc" and char not in "\r\n\t" for char in value):
        return [Problem(path, "contient un caractère de contrôle ; l'enlever")]
    return []


def line_problems(path: str, value: str, at_least: int, at_most: int) -> list[Problem]:
    """As `text_problems`, for a text of one line."""
    problems = text_problems(path, value, at_least, at_most)
    if not problems and any(unicodedata.category(char) == "Cc" for char in value.strip()):
        return [Problem(path, "tient sur une seule ligne, sans tabulation")]
    return problems


def email_problems(path: str, value: str) -> list[Problem]:
    if not value:
        return [Problem(path, "obligatoire, par exemple prenom.nom@exemple.fr")]
    if len(value) > MAX_EMAIL_CHARS or not _EMAIL.fullmatch(value):
        return [Problem(path, "n'est pas une adresse électronique ; par exemple prenom.nom@exemple.fr")]
    return []


def telephone_digits(value: str) -> str:
    """The number without the blanks, dots and hyphens that people write in it."""
    return _SEPARATORS.sub("", value)


def telephone_problems(path: str, value: str) -> list[Problem]:
    if not _TELEPHONE.fullmatch(telephone_digits(value)):
        return [Problem(path, "n'est pas un numéro français à 10 chiffres ; par exemple 0612345678")]
    return []


def key_problems(path: str, value: str) -> list[Problem]:
    """An idempotency key."""
    if not _KEY.fullmatch(value):
        return [Problem(path, "doit avoir de 8 à 100 caractères ASCII visibles ; par exemple un UUID")]
    return []
