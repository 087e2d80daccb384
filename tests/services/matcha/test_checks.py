from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from protos import geo_pb2, matcha_pb2
from services.matcha.checks import depot_problems
from tests.support.matcha.builders import a_request

TODAY = date(2027, 3, 10)


def _fields(request: matcha_pb2.CreateBesoinRequest) -> list[str]:
    return [problem.field for problem in depot_problems(request, TODAY)]


def test_right_request_has_no_problem() -> None:
    assert _fields(a_request(cle_idempotence="12345678")) == []


def test_every_problem_is_told_at_once() -> None:
    fields = _fields(matcha_pb2.CreateBesoinRequest(cle_idempotence="short", quantite=-1, niveau=9))  # type: ignore[arg-type]  # a number that is no level

    assert fields == [
        "intitule",
        "raison_sociale",
        "contact.prenom",
        "contact.nom",
        "romes",
        "niveau",
        "quantite",
        "siret",
        "lieu.point",
        "contact.email",
        "cle_idempotence",
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("siret", "12345678901234"),
        ("raison_sociale", "  "),
        ("naf", "10.71C"),
        ("idcc", "12345"),
        ("intitule", "ab"),
        ("intitule", "a" * 151),
        ("intitule", "Apprenti, écrire à moi@chez.fr"),
        ("intitule", "Apprenti www.exemple.fr"),
        ("intitule", "Apprenti https://x"),
        ("intitule", "Voir exemple.com"),
        ("description", "a" * 5001),
        ("quantite", 11),
        ("duree_mois", 5),
        ("duree_mois", 37),
        ("start_le", "2027-03-09"),
        ("start_le", "2029-03-11"),
        ("start_le", "20270901"),
        ("start_le", "2027-02-30"),
        ("niveau", 2),
        ("rythme", 9),
        ("cle_idempotence", "a" * 101),
        ("cle_idempotence", ""),
    ],
)
def test_wrong_value_is_refused_by_field(field: str, value: Any) -> None:
    assert _fields(a_request(**{field: value})) == [field]


@pytest.mark.parametrize("day", ["2027-03-10", "2029-03-10"])
def test_first_and_last_day_are_accepted(day: str) -> None:
    assert _fields(a_request(start_le=day)) == []


def test_problems_in_lists_name_their_place() -> None:
    request = a_request(romes=["D1102", "d1102", "Z9999"], contrats=[1, 0, 7])

    assert _fields(request) == ["romes[1]", "romes[2]", "contrats[1]", "contrats[2]"]


def test_problems_of_the_place_name_their_field() -> None:
    lieu = geo_pb2.Lieu(
        point=geo_pb2.Point(latitude=100, longitude=float("nan")),
        code_postal="750",
        insee="2C001",
        departement="ABC",
    )

    assert _fields(a_request(lieu=lieu)) == [
        "lieu.point.latitude",
        "lieu.point.longitude",
        "lieu.code_postal",
        "lieu.insee",
        "lieu.departement",
    ]
