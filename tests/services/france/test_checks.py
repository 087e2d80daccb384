from __future__ import annotations

from collections.abc import Callable

import pytest

from services.common.errors import Problem
from services.france import checks
from services.france.checks import known_rome_problems, niveau_problems, romes_problems

Check = Callable[[str, str], list[Problem]]


@pytest.mark.parametrize(
    ("check", "right", "wrong", "message"),
    [
        (
            checks.siret_problems,
            "73282932000074",
            "73282932000075",
            "n'est pas un SIRET : 14 chiffres sans espace, dont les clés de contrôle",
        ),
        (
            checks.rome_problems,
            "D1102",
            "D١١٠٢",
            "n'est pas un code ROME : une lettre de A à N et quatre chiffres, comme D1102",
        ),
        (
            checks.rome_domaine_problems,
            "D",
            "D1",
            "n'est pas un domaine du ROME : une lettre de A à N (D), ou une lettre et deux chiffres (D11)",
        ),
        (
            checks.domaine_problems,
            "D11",
            "D",
            "n'est pas un domaine du ROME : une lettre de A à N et deux chiffres, comme D11",
        ),
        (
            checks.rncp_problems,
            "RNCP37537",
            "37537",
            "n'est pas un code RNCP : RNCP et de un à six chiffres, comme RNCP37537",
        ),
        (
            checks.naf_problems,
            "1071C",
            "10.71C",
            "n'est pas un code NAF : quatre chiffres et une lettre, sans point, comme 1071C",
        ),
        (checks.idcc_problems, "843", "x", "n'est pas un IDCC : de un à quatre chiffres, comme 843"),
        (
            checks.insee_problems,
            "2A004",
            "2C004",
            "n'est pas le code INSEE d'une commune : cinq caractères, comme 35238 ou 2A004",
        ),
        (
            checks.code_postal_problems,
            "75011",
            "7501",
            "n'est pas un code postal : cinq chiffres, comme 75011",
        ),
        (
            checks.departement_problems,
            "2A",
            "20",
            "n'est pas le code d'un département, comme 01, 2A ou 974",
        ),
    ],
)
def test_wrong_code_is_named_with_what_would_be_right(
    check: Check, right: str, wrong: str, message: str
) -> None:
    assert check("field", right) == []
    assert check("field", wrong) == [Problem("field", f"« {wrong} » {message}")]


def test_long_code_is_cut() -> None:
    (problem,) = checks.rome_problems("rome", "D" * 1000)

    assert problem.message.startswith(f"« {'D' * 40}… » n'est pas")


@pytest.mark.parametrize(
    ("codes", "fields"),
    [([], ["romes"]), (["D1102"], []), (["D1102", "x"], ["romes[1]"]), (["D1102"] * 51, ["romes"])],
)
def test_search_needs_1_to_50_codes(codes: list[str], fields: list[str]) -> None:
    assert [problem.field for problem in romes_problems("romes", codes)] == fields


def test_code_that_does_not_exist_is_a_problem_where_those_that_do_are_known() -> None:
    assert known_rome_problems("rome", "D1102", {"D1102"}) == []
    assert known_rome_problems("rome", "D9999", {"D1102"}) == [
        Problem("rome", "« D9999 » n'est le code d'aucun métier ; metiers(texte) donne ceux qui existent")
    ]
    assert known_rome_problems("rome", "D9999", ()) == []
    assert len(known_rome_problems("rome", "x", ())) == 1


@pytest.mark.parametrize(
    ("niveau", "required", "wrong"),
    [
        (0, False, False),
        (0, True, True),
        (3, True, False),
        (7, False, False),
        (2, False, True),
        (8, True, True),
    ],
)
def test_niveau_is_3_to_7_or_any(niveau: int, required: bool, wrong: bool) -> None:
    expected = [Problem("niveau", f"{niveau} n'est pas un niveau ; de 3 à 7")] if wrong else []

    assert niveau_problems("niveau", niveau, required=required) == expected
