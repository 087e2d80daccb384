from __future__ import annotations

import pytest

from services.france.geo import Point
from services.france.lieu import Lieu
from services.france.mending import mend_lieu
from tests.support.france.communes import commune_row, table_of

SAINT_LAURENT = Point(5.0, -54.0)
COMMUNES = table_of(
    [
        commune_row("97311", "Saint-Laurent-du-Maroni", "97320", 50_250, (5.0, -54.0)),
        commune_row("42218", "Saint-Étienne", "42000|42100", 173_136, (45.434, 4.39)),
        commune_row("42999", "Autre", "42000|42100|43140", 10, (45.5, 4.5)),
        commune_row("2A004", "Ajaccio", "20000|20090", 76_320, (41.92274, 8.70583), former="20004"),
        commune_row("98735", "Papeete", "98714", 26_000, None),
    ]
)


def mend(lieu: Lieu) -> tuple[Lieu, list[str]]:
    corrections: list[str] = []
    return mend_lieu(lieu, COMMUNES, corrections), corrections


def test_point_of_a_commune_of_guyane_may_be_far_from_its_centre() -> None:
    up_the_river = Point(4.6, -54.2)

    lieu, corrections = mend(Lieu(insee="97311", point=up_the_river))

    assert lieu.point == up_the_river
    assert corrections == []


def test_point_beyond_the_commune_is_that_of_the_commune() -> None:
    lieu, corrections = mend(Lieu(insee="97311", point=Point(48.8, 2.3)))

    assert lieu.point == SAINT_LAURENT
    assert corrections == ["coordinates far from the commune: those of the commune"]


@pytest.mark.parametrize("insee", [None, "99999"])
def test_commune_is_found_by_its_name_among_those_of_the_postal_code(insee: str | None) -> None:
    nearer_to_another = Point(45.48, 4.46)
    given = Lieu(code_postal="42000", insee=insee, commune="ST ETIENNE", point=nearer_to_another)

    lieu, corrections = mend(given)

    assert lieu == Lieu(None, "42000", "42218", "Saint-Étienne", "42", nearer_to_another)
    assert corrections == ["INSEE code missing or unknown: found by address"]


def test_departement_is_known_of_a_commune_that_is_not_found() -> None:
    lieu, corrections = mend(Lieu("1 rue du Puits", "42000", None, "Nulle-Part"))

    assert lieu == Lieu("1 rue du Puits", "42000", None, "Nulle-Part", "42")
    assert corrections == ["INSEE code missing or unknown: commune not found, left out"]


def test_former_insee_code_is_replaced() -> None:
    lieu, corrections = mend(Lieu(code_postal="20090", insee="20004", point=Point(41.9, 8.7)))

    assert lieu == Lieu(None, "20090", "2A004", "Ajaccio", "2A", Point(41.9, 8.7))
    assert corrections == ["former INSEE code replaced by the current one"]


def test_departement_is_that_of_the_communes_of_the_postal_code() -> None:
    far_away = Point(48.8, 2.3)

    assert mend(Lieu(code_postal="43140", commune="Nulle-Part", point=far_away))[0].departement == "42"


def test_departement_of_an_unknown_postal_code_begins_it() -> None:
    assert mend(Lieu(code_postal="75541"))[0].departement == "75"
    assert mend(Lieu())[0] == Lieu()


def test_point_stays_unknown_where_the_commune_has_none() -> None:
    lieu, corrections = mend(Lieu(code_postal="98714", insee="98735"))

    assert (lieu.insee, lieu.point) == ("98735", None)
    assert corrections == []


def test_missing_postal_code_is_the_usual_one_of_the_commune() -> None:
    assert mend(Lieu(insee="42218", point=Point(45.44, 4.4)))[0].code_postal == "42000"
