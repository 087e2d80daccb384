"""Recognises the codes of French administrations. Only ASCII digits are accepted."""

from __future__ import annotations

import re

from stdnum.fr import siret

_SIRET = re.compile(r"[0-9]{14}")
_ROME = re.compile(r"[A-N][0-9]{4}")
_ROME_DOMAINE = re.compile(r"[A-N](?:[0-9]{2})?")
_RNCP = re.compile(r"RNCP[0-9]{1,6}")
_CFD = re.compile(r"[0-9A-Z]{8}")
_NAF = re.compile(r"[0-9]{4}[A-Z]")
_UAI = re.compile(r"[0-9]{7}[A-Z]")
_IDCC = re.compile(r"[0-9]{1,4}")
_INSEE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_CODE_POSTAL = re.compile(r"[0-9]{5}")
_DEPARTEMENT = re.compile(r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-8]|98[46-9]")

_ISLANDS_OF_GUADELOUPE = {"97133": "977", "97150": "978"}
"""Saint-Barthélemy and Saint-Martin left Guadeloupe in 2007 and kept their postal codes."""


def is_siret(text: str) -> bool:
    """Whether the text is 14 digits with right check digits, that of the SIREN included.

    La Poste has more establishments than the check digit allows. They have a rule of their own, which the
    library knows: the sum of their digits is a multiple of 5
    (https://fr.wikipedia.org/wiki/Système_d'identification_du_répertoire_des_établissements).
    """
    # The library also reads spaces, dots and digits of other scripts.
    return has_siret_shape(text) and siret.is_valid(text)


def has_siret_shape(text: str) -> bool:
    """Whether the text is 14 digits. The files hold a few establishments whose check digit is wrong."""
    return bool(_SIRET.fullmatch(text))


def is_rome(text: str) -> bool:
    """Whether the text is a ROME code: D1102. The first letter goes from A to N."""
    return bool(_ROME.fullmatch(text))


def is_rome_domaine(text: str) -> bool:
    """Whether the text is the start of ROME codes: a letter (D), or a letter and two digits (D11)."""
    return bool(_ROME_DOMAINE.fullmatch(text))


def is_domaine_professionnel(text: str) -> bool:
    """Whether the text is a letter and two digits of the ROME: D11."""
    return is_rome_domaine(text) and len(text) > 1


def is_rncp(text: str) -> bool:
    """Whether the text is the code of a certification: RNCP37537."""
    return bool(_RNCP.fullmatch(text))


def is_cfd(text: str) -> bool:
    """Whether the text is the code of a diploma of the ministry of education: 32033426."""
    return bool(_CFD.fullmatch(text))


def is_naf(text: str) -> bool:
    """Whether the text is a NAF code in its normal form: 1071C."""
    return bool(_NAF.fullmatch(text))


def normal_naf(text: str) -> str:
    """The code without the dot, in capitals: "10.71c" → "1071C"."""
    return text.replace(".", "").upper()


def is_uai(text: str) -> bool:
    """Whether the text has the shape of a UAI: 0750001A. In the export one in thirty has a wrong letter."""
    return bool(_UAI.fullmatch(text))


def is_idcc(text: str) -> bool:
    """Whether the text is an IDCC, with or without leading zeros: 843, 0843."""
    return bool(_IDCC.fullmatch(text))


def normal_idcc(text: str) -> str:
    """The number without leading zeros: "0843" → "843"."""
    return text.lstrip("0") or "0"


def is_insee(text: str) -> bool:
    """Whether the text is shaped as an INSEE code of a commune or arrondissement: 75111, 2A004, 97411."""
    return bool(_INSEE.fullmatch(text)) and departement_of(text) != ""


def is_code_postal(text: str) -> bool:
    return bool(_CODE_POSTAL.fullmatch(text))


def is_departement(text: str) -> bool:
    """Whether the text is the code of a departement or of an overseas territory: 01, 2A, 974, 988."""
    return bool(_DEPARTEMENT.fullmatch(text))


def departement_of(insee: str) -> str:
    """The departement of an INSEE code: "74010" → "74", "97411" → "974", "2A004" → "2A"; "" if none."""
    departement = insee[:3] if insee.startswith(("97", "98")) else insee[:2]
    return departement if is_departement(departement) else ""


def departement_of_code_postal(code_postal: str) -> str:
    """The departement of a postal code: "20000" → "2A", "97133" → "977"; "" if there is none.

    It is wrong for about twenty communes, whose post office is in another departement.
    """
    if code_postal.startswith("20"):
        # https://fr.wikipedia.org/wiki/Code_postal_en_France: 200 and 201 are in the south of Corsica.
        return "2A" if code_postal.startswith(("200", "201")) else "2B"
    return _ISLANDS_OF_GUADELOUPE.get(code_postal) or departement_of(code_postal)
