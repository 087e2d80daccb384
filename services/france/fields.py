"""Checks of e-mail addresses and telephone numbers, with one wording for all services."""

from __future__ import annotations

import re

from services.common.errors import Problem

MAX_EMAIL_CHARS = 254

# The rule of <input type="email">, with a dot required in the domain:
# https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+", re.IGNORECASE)
_TELEPHONE = re.compile(r"0[1-9][0-9]{8}")
_SEPARATORS = re.compile(r"[ .\-\u00a0\u202f]")


def email_problems(path: str, value: str) -> list[Problem]:
    if not value:
        return [Problem(path, "obligatoire, par exemple prenom.nom@exemple.fr")]
    # re.IGNORECASE alone would accept letters such as the Kelvin sign, whose lower case is ASCII.
    if len(value) > MAX_EMAIL_CHARS or not value.isascii() or not _EMAIL.fullmatch(value):
        return [Problem(path, "n'est pas une adresse de courriel ; par exemple prenom.nom@exemple.fr")]
    return []


def mailbox(email: str) -> str:
    """One spelling for the addresses of one mailbox: in lower case, without what follows a plus sign.

    "Ana+2@Exemple.fr" → "ana@exemple.fr" (https://www.rfc-editor.org/rfc/rfc5233).
    """
    local, _, domain = email.strip().lower().rpartition("@")
    return f"{local.split('+')[0] or local}@{domain}"


def telephone_digits(value: str) -> str:
    """The number without blanks, dots and hyphens."""
    return _SEPARATORS.sub("", value)


def telephone_problems(path: str, value: str) -> list[Problem]:
    if not _TELEPHONE.fullmatch(telephone_digits(value)):
        return [Problem(path, "n'est pas un numéro français à 10 chiffres ; par exemple 0612345678")]
    return []
