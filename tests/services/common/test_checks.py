from __future__ import annotations

import math

import pytest

from protos import rdv_pb2
from services.common.checks import (
    count_problems,
    enum_problems,
    first_problems,
    length_problems,
    list_problems,
    raise_if_any,
    range_problems,
    shape_problems,
)
from services.common.errors import InvalidRequest, Problem


@pytest.mark.parametrize(("value", "wrong"), [(0, False), (100, False), (-1, True), (101, True)])
def test_page_has_0_to_100_rows(value: int, wrong: bool) -> None:
    expected = [Problem("first", f"{value} n'est pas entre 0 et 100")] if wrong else []

    assert first_problems(value) == expected


def test_number_out_of_range_is_shown_with_its_unit() -> None:
    assert range_problems("rayon_km", 200, 0, 200, "km") == []
    assert range_problems("rayon_km", 200.5, 0, 200.0, "km") == [
        Problem("rayon_km", "200.5 n'est pas entre 0 et 200 km")
    ]
    assert len(range_problems("rayon_km", math.nan, 0, 200)) == 1
    assert range_problems("first", 12_345_678, 0, 100)[0].message.startswith("12345678 n'est")


@pytest.mark.parametrize(
    ("count", "at_least", "message"),
    [
        (0, 0, None),
        (3, 0, None),
        (4, 0, "4 valeurs ; 3 au plus"),
        (4, 1, "4 valeurs ; il en faut de 1 à 3"),
        (0, 1, "0 valeur ; il en faut de 1 à 3"),
    ],
)
def test_number_of_values_is_bounded(count: int, at_least: int, message: str | None) -> None:
    expected = [] if message is None else [Problem("ids", message)]

    assert count_problems("ids", ["x"] * count, at_least, 3) == expected


def test_wrong_values_name_their_place_up_to_the_bound() -> None:
    def not_empty(path: str, text: str) -> list[Problem]:
        return shape_problems(path, text, bool, "plein")

    assert list_problems("ids", ["a", "", "b", ""], not_empty, 0, 3) == [
        Problem("ids", "4 valeurs ; 3 au plus"),
        Problem("ids[1]", "«  » n'est pas plein"),
    ]


def test_number_that_the_contract_does_not_name_is_a_problem() -> None:
    statut = rdv_pb2.RendezVousStatut.DESCRIPTOR

    assert enum_problems("statut", 1, statut, "un statut") == []
    assert enum_problems("statut", 9, statut, "un statut") == [
        Problem("statut", "9 n'est pas un statut ; RENDEZ_VOUS_STATUT_CONFIRME")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "obligatoire, de 3 à 5 caractères"),
        ("  ", "obligatoire, de 3 à 5 caractères"),
        ("ab", "2 caractères ; il en faut de 3 à 5"),
        (" abc ", None),
        ("a" * 6, "6 caractères ; il en faut de 3 à 5"),
    ],
)
def test_length_is_that_without_blanks_around(text: str, message: str | None) -> None:
    expected = [] if message is None else [Problem("nom", message)]

    assert length_problems("nom", text, 3, 5) == expected


def test_text_that_may_be_empty_has_a_greatest_length() -> None:
    assert length_problems("texte", "", 0, 5) == []
    assert length_problems("texte", "a" * 6, 0, 5) == [Problem("texte", "6 caractères ; 5 au plus")]


def test_request_with_problems_is_refused_with_all_of_them() -> None:
    problems = [Problem("a", "1"), Problem("b", "2")]

    raise_if_any([])
    with pytest.raises(InvalidRequest) as caught:
        raise_if_any(problems)

    assert caught.value.problems == tuple(problems)
