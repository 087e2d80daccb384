"""Checks of how people are reached, the same words in every service; each gives the problems it finds."""

from __future__ import annotations

import re

from services.common.errors import Problem

MAX_EMAIL_CHARS = 254

# What HTML accepts in <input type="email">, with a dot required in the domain.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+", re.IGNORECASE)
_TELEPHONE = re.compile(r"0[1-9][0-9]{8}")
_SEPARATORS = re.compile(r"[ .\-\u00a0\u202f]")


def email_problems(path: str, value: str) -> list[Problem]:
    if not value:
        return [Problem(path, "obligatoire, par exemple prenom.nom@exemple.fr")]
    # re.IGNORECASE alone would also let in the few letters, like the Kelvin sign, whose small form is ASCII.
    if len(value) > MAX_EMAIL_CHARS or not value.isascii() or not _EMAIL.fullmatch(value):
        return [Problem(path, "n'est pas une adresse de courriel ; par exemple prenom.nom@exemple.fr")]
    return []


def telephone_digits(value: str) -> str:
    """The number without the blanks, dots and hyphens that people write in it."""
    return _SEPARATORS.sub("", value)


def telephone_problems(path: str, value: str) -> list[Problem]:
    if not _TELEPHONE.fullmatch(telephone_digits(value)):
        return [Problem(path, "n'est pas un numéro français à 10 chiffres ; par exemple 0612345678")]
    return []
