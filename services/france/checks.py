"""Checks of the codes in a request, with one wording for all services.

Each function takes the path of a field and its text, and returns the problems that it finds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from protos import diplome_pb2
from services.common.checks import list_problems, shape_problems
from services.common.errors import Problem
from services.common.texts import quoted
from services.france import codes

MAX_ROMES = 50
"""Most ROME codes of one search."""

siret_problems = partial(
    shape_problems,
    is_right=codes.is_siret,
    wanted="un SIRET : 14 chiffres sans espace, dont les clés de contrôle",
)
rome_problems = partial(
    shape_problems,
    is_right=codes.is_rome,
    wanted="un code ROME : une lettre de A à N et quatre chiffres, comme D1102",
)
rome_domaine_problems = partial(
    shape_problems,
    is_right=codes.is_rome_domaine,
    wanted="un domaine du ROME : une lettre de A à N (D), ou une lettre et deux chiffres (D11)",
)
domaine_problems = partial(
    shape_problems,
    is_right=codes.is_domaine_professionnel,
    wanted="un domaine du ROME : une lettre de A à N et deux chiffres, comme D11",
)
rncp_problems = partial(
    shape_problems,
    is_right=codes.is_rncp,
    wanted="un code RNCP : RNCP et de un à six chiffres, comme RNCP37537",
)
naf_problems = partial(
    shape_problems,
    is_right=codes.is_naf,
    wanted="un code NAF : quatre chiffres et une lettre, sans point, comme 1071C",
)
idcc_problems = partial(
    shape_problems, is_right=codes.is_idcc, wanted="un IDCC : de un à quatre chiffres, comme 843"
)
insee_problems = partial(
    shape_problems,
    is_right=codes.is_insee,
    wanted="le code INSEE d'une commune : cinq caractères, comme 35238 ou 2A004",
)
code_postal_problems = partial(
    shape_problems, is_right=codes.is_code_postal, wanted="un code postal : cinq chiffres, comme 75011"
)
departement_problems = partial(
    shape_problems,
    is_right=codes.is_departement,
    wanted="le code d'un département, comme 01, 2A ou 974",
)


def romes_problems(path: str, romes: Sequence[str], at_most: int = MAX_ROMES) -> list[Problem]:
    """The problems of a list of ROME codes, which must not be empty."""
    return list_problems(path, romes, rome_problems, 1, at_most)


def known_rome_problems(path: str, text: str, known: Collection[str]) -> list[Problem]:
    """The problems of a ROME code that must be in `known`, unless `known` is empty."""
    problems = rome_problems(path, text)
    if problems or text in known or not known:
        return problems
    message = f"{quoted(text)} n'est le code d'aucun métier ; metiers(texte) donne ceux qui existent"
    return [Problem(path, message)]


def niveau_problems(path: str, number: int, *, required: bool = False) -> list[Problem]:
    """The problems of a level of diploma; 0 means any level, unless one is required."""
    # The numbers of the enum are the levels. Any other number may arrive, since proto3 enums are open.
    if number in diplome_pb2.Niveau.values() and (number or not required):
        return []
    return [Problem(path, f"{number} n'est pas un niveau ; de 3 à 7")]
