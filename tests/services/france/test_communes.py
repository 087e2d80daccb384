from __future__ import annotations

import pytest

from services.france.communes import Commune, Communes
from services.france.geo import Point
from tests.support.france.communes import COMMUNE_ROWS, commune_row, communes_of, table_of

COMMUNES = table_of(
    (
        *COMMUNE_ROWS,
        commune_row("46042", "Cahors", "46000", 20_050, (44.45651, 1.43901)),
        commune_row("46251", "Saint-Céré", "46400", 3_405, (44.8576, 1.8917)),
        commune_row("42999", "Autre", "42000|42100", 10, (45.5, 4.5)),
        commune_row("97311", "Saint-Laurent-du-Maroni", "97320", 50_250, (5.0, -54.0)),
        commune_row("85165", "L'Oie", "85140", 1_300, None),
    )
)


def code(commune: Commune | None) -> str | None:
    return None if commune is None else commune.insee


def known(insee: str) -> Commune:
    commune = COMMUNES.get(insee)
    assert commune is not None
    return commune


@pytest.mark.parametrize(
    ("insee", "today"),
    [("2A004", "2A004"), ("20004", "2A004"), ("69232", "69123"), ("93999", "93079"), ("00000", None)],
)
def test_former_code_gives_the_commune_of_today(insee: str, today: str | None) -> None:
    assert code(COMMUNES.get(insee)) == today


def test_code_of_today_is_never_taken_for_a_former_one() -> None:
    one = commune_row("46001", "Une", "46000", 1, (44, 1))
    other = commune_row("46002", "Autre", "46000", 1, (44, 1), former="46001")

    assert code(table_of((one, other)).get("46001")) == "46001"


@pytest.mark.parametrize(
    ("departement", "name", "insee"),
    [
        ("46", "CAHORS", "46042"),
        ("46", "ST CERE", "46251"),
        ("46", "Saint-Céré", "46251"),
        ("42", "SAINT ETIENNE CEDEX 2", "42218"),
        ("93", "ST DENIS", "93066"),
        ("93", "VILLETANEUSE D OEUVRE", "93079"),
        ("974", "ST DENIS", "97411"),
        ("75", "PARIS 11", "75111"),
        ("75", "Paris 11e  Arrondissement", "75111"),
        ("75", "PARIS 01", "75101"),
        ("75", "PARIS", "75056"),
        ("75", "PARIS CEDEX 15", "75056"),
        ("69", "Lyon 3e Arrondissement", "69383"),
        ("69", "PARIS 11", None),
        ("75", "PARIS 99", None),
        ("15", "CAHORS", None),
        ("85", "L'OIE", "85165"),
    ],
)
def test_name_in_a_departement(departement: str, name: str, insee: str | None) -> None:
    assert code(COMMUNES.named(departement, name)) == insee


def test_name_of_two_communes_is_of_none() -> None:
    twins = [commune_row(insee, "Jumelle", "46000", 1, (44, 1)) for insee in ("46001", "46002")]

    assert table_of(twins).named("46", "JUMELLE") is None
    assert table_of(twins[:1]).named("46", "JUMELLE") is not None


@pytest.mark.parametrize("name", ["Saint-Denis", "ST DENIS", "saint denis cedex 2", "SAINT-DENIS"])
def test_address_is_found_however_its_commune_is_written(name: str) -> None:
    assert code(COMMUNES.at_address("93200", name)) == "93066"


@pytest.mark.parametrize(
    ("code_postal", "name", "insee"),
    [
        ("42000", "ST ETIENNE", "42218"),
        ("42000", "Saint-Étienne Cedex 2", "42218"),
        ("42000", "autre", "42999"),
        ("46400", "whatever", "46251"),
        ("42100", "Lyon", None),
        ("99999", "Nowhere", None),
        ("", "", None),
    ],
)
def test_address_without_a_point(code_postal: str, name: str, insee: str | None) -> None:
    assert code(COMMUNES.at_address(code_postal, name)) == insee


@pytest.mark.parametrize("name", ["Paris", "PARIS 11", "PARIS CEDEX 11", "Paris 11e Arrondissement"])
def test_address_in_a_whole_city_is_in_the_arrondissement_of_its_postal_code(name: str) -> None:
    assert code(COMMUNES.at_address("75011", name)) == "75111"


def test_address_in_a_whole_city_without_arrondissements_is_in_the_city() -> None:
    lyon = table_of([commune_row("69123", "Lyon", "69001", 519_127, (45.76, 4.84))])

    assert code(lyon.at_address("69001", "Lyon 1er")) == "69123"


def test_name_is_found_in_its_departement_when_the_postal_code_is_not_its_own() -> None:
    assert code(COMMUNES.at_address("93299", "Saint-Denis")) == "93066"
    assert code(COMMUNES.at_address("75737", "PARIS CEDEX 15")) == "75056"


def test_commune_that_merged_is_the_nearest_with_its_postal_code() -> None:
    assert code(COMMUNES.at_address("42100", "Terrenoire", Point(45.44, 4.41))) == "42218"
    assert code(COMMUNES.at_address("42100", "Terrenoire", Point(45.49, 4.49))) == "42999"
    assert COMMUNES.at_address("42100", "Terrenoire") is None


def test_address_far_from_every_commune_of_its_postal_code_is_in_none() -> None:
    assert COMMUNES.at_address("93210", "La Plaine", Point(43.3, 5.4)) is None
    assert COMMUNES.at_address("85140", "Partout", Point(46.8, -1.1)) is None


def test_postal_code_of_a_whole_city_is_of_its_arrondissement_alone() -> None:
    assert list(map(code, COMMUNES.with_postal_code("75011"))) == ["75111"]
    assert list(map(code, COMMUNES.with_postal_code("42000"))) == ["42218", "42999"]
    assert list(COMMUNES.with_postal_code("99999")) == []


def test_whole_city_has_arrondissements_and_any_other_commune_none() -> None:
    assert list(map(code, COMMUNES.arrondissements(known("75056")))) == ["75101", "75111"]
    assert list(COMMUNES.arrondissements(known("75101"))) == []


def test_first_arrondissement_stands_for_a_whole_city_alone() -> None:
    rows = [row for row in COMMUNE_ROWS if row["code_insee"].startswith("69")]
    backwards = table_of(reversed(rows))
    lyon = backwards.get("69123")

    assert lyon is not None
    assert backwards.first_arrondissement(lyon).insee == "69381"
    assert COMMUNES.first_arrondissement(known("75111")).insee == "75111"
    assert COMMUNES.first_arrondissement(known("46042")).insee == "46042"


def test_whole_city_is_too_wide_for_a_point() -> None:
    assert COMMUNES.point_of(known("75056")) is None
    assert COMMUNES.point_of(known("75101")) == Point(48.862, 2.33594)
    assert COMMUNES.point_of(known("85165")) is None


def test_nearest_is_an_arrondissement_never_a_whole_city() -> None:
    commune, distance = COMMUNES.nearest(Point(48.86, 2.34445))

    assert commune.insee == "75101"
    assert distance == pytest.approx(0.66, abs=0.02)


def test_nearest_is_never_a_commune_without_coordinates() -> None:
    commune, distance = COMMUNES.nearest(Point(-17.5, -149.6))

    assert commune.point is not None
    assert distance > 1_000


def test_departements_are_those_on_the_map() -> None:
    assert {"75", "2A", "974"} < COMMUNES.departements
    assert not {"987", "85"} & COMMUNES.departements


def test_guyane_has_communes_as_large_as_departements() -> None:
    assert not known("97311").is_far_from(Point(5.5, -54.03))
    assert known("69123").is_far_from(Point(46.26, 4.84))
    assert not known("85165").is_far_from(Point(0, 0))


def test_table_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no commune has coordinates"):
        Communes([])
    with pytest.raises(ValueError, match="no commune has coordinates"):
        Communes(communes_of([commune_row("85165", "L'Oie", "85140", 1_300, None)]))
