from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from protos import geo_pb2, matcha_pb2
from services.common.errors import InvalidRequest
from services.matcha.besoin import Contrat, Rythme
from services.matcha.checks import departement_of, depot_from_proto
from tests.support.matcha.builders import EMAIL, a_request

TODAY = date(2027, 3, 10)


def _fields(request: matcha_pb2.CreateBesoinRequest) -> list[str]:
    with pytest.raises(InvalidRequest) as caught:
        depot_from_proto(request, TODAY)
    return [problem.field for problem in caught.value.problems]


def test_right_request_is_read_whole() -> None:
    depot = depot_from_proto(a_request(cle_idempotence="12345678"), TODAY)

    assert depot.annonce.romes == ("D1102",)
    assert depot.annonce.contrats == (Contrat.APPRENTISSAGE,)
    assert depot.annonce.rythme is Rythme.UNE_SEMAINE_UNE_SEMAINE
    assert depot.annonce.start_le == date(2027, 9, 1)
    assert depot.annonce.lieu.departement == "75"
    assert (depot.contact.email, depot.contact.telephone) == (EMAIL, "0612345678")
    assert depot.idcc == "843"
    assert (depot.idempotency and depot.idempotency.key) == "12345678"


def test_every_problem_is_told_at_once() -> None:
    fields = _fields(matcha_pb2.CreateBesoinRequest(cle_idempotence="short", quantite=-1, niveau=9))  # type: ignore[arg-type]  # a number that is no level

    assert fields == [
        "intitule",
        "romes",
        "siret",
        "raison_sociale",
        "lieu.point",
        "quantite",
        "niveau",
        "contact.prenom",
        "contact.nom",
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
    assert depot_from_proto(a_request(start_le=day), TODAY).annonce.start_le == date.fromisoformat(day)


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


def test_defaults_are_apprenticeship_and_one() -> None:
    annonce = depot_from_proto(a_request(contrats=[], quantite=0), TODAY).annonce

    assert (annonce.contrats, annonce.quantite) == ((Contrat.APPRENTISSAGE,), 1)


@pytest.mark.parametrize(("insee", "departement"), [("75104", "75"), ("2A004", "2A"), ("97411", "974")])
def test_departement_is_in_the_insee_code(insee: str, departement: str) -> None:
    assert departement_of(insee) == departement
