from __future__ import annotations

import pytest

from services.france.geo import Point
from services.prediction.communes import Commune, Communes, departement_of
from tests.support.prediction.small_france import COMMUNES

communes = Communes(COMMUNES)


def code(commune: Commune | None) -> str | None:
    return None if commune is None else commune.insee


@pytest.mark.parametrize("name", ["Saint-Denis", "ST DENIS", "saint denis cedex 2", "SAINT-DENIS"])
def test_commune_is_found_however_it_is_written(name: str) -> None:
    assert code(communes.by_address("93200", name, None)) == "93066"


def test_commune_is_found_in_its_departement_when_the_postal_code_is_not_its_own() -> None:
    assert code(communes.by_address("93299", "Saint-Denis", None)) == "93066"


def test_commune_that_merged_is_the_nearest_with_its_postal_code() -> None:
    assert code(communes.by_address("93210", "La Plaine", Point(48.92, 2.36))) == "93066"


def test_address_far_from_every_commune_of_its_postal_code_is_in_none() -> None:
    assert communes.by_address("93210", "La Plaine", Point(43.3, 5.4)) is None


def test_only_commune_of_a_postal_code_is_taken_without_a_point() -> None:
    assert code(communes.by_address("69001", "Lyon 1er", None)) == "69123"


def test_unknown_address_is_nowhere() -> None:
    assert communes.by_address("", "", Point(48.9, 2.3)) is None


def test_old_code_gives_the_present_commune() -> None:
    assert code(communes.by_code("93059")) == "93066"
    assert communes.by_code("00000") is None


def test_guyane_has_communes_as_large_as_departements() -> None:
    saint_laurent, lyon = communes.by_code("97311"), communes.by_code("69123")

    assert saint_laurent is not None
    assert lyon is not None
    assert not saint_laurent.is_far_from(Point(5.5, -54.03))
    assert lyon.is_far_from(Point(46.26, 4.84))


@pytest.mark.parametrize(
    ("postal_code", "departement"),
    [("75011", "75"), ("20000", "2A"), ("20200", "2B"), ("97410", "974"), ("01000", "01"), ("", "")],
)
def test_departement_begins_the_postal_code(postal_code: str, departement: str) -> None:
    assert departement_of(postal_code) == departement
