from __future__ import annotations

import pytest

from services.catalogue.zone import (
    AroundCommune,
    AroundPoint,
    PlaceNamed,
    WholeDepartement,
    WholeFrance,
    WholeRegion,
    ZoneResolver,
)
from services.common.errors import InvalidRequest
from services.france.geo import Point, Zone
from tests.support.france.communes import table_of

RESOLVER = ZoneResolver(table_of())
PARIS = Point(48.8566, 2.3522)


def problems(place: PlaceNamed) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        RESOLVER.resolve(place)
    return {each.field: each.message for each in caught.value.problems}


def test_circle_around_a_point_knows_its_arrondissement() -> None:
    named = RESOLVER.resolve(AroundPoint(PARIS, 30))

    assert named.zone == Zone(origin=PARIS, rayon_km=30, insee="75101")
    assert named.libelle == "30 km autour de Paris 1er Arrondissement"


def test_radius_0_around_a_point_is_the_commune_that_it_is_in() -> None:
    named = RESOLVER.resolve(AroundPoint(Point(45.75, 4.87), 0))

    assert named.zone == Zone(Point(45.75, 4.87), communes=frozenset({"69383"}), insee="69383")
    assert named.libelle == "Lyon 3e Arrondissement"


def test_circle_abroad_has_no_commune() -> None:
    named = RESOLVER.resolve(AroundPoint(Point(0, 0), 200))

    assert named.zone == Zone(origin=Point(0, 0), rayon_km=200)
    assert named.libelle == "200 km autour du point donné"
    assert set(problems(AroundPoint(Point(0, 0), 0))) == {"around.point"}


@pytest.mark.parametrize(("latitude", "longitude"), [(100, 2), (float("nan"), 2), (48, 181)])
def test_point_and_radius_are_checked_together(latitude: float, longitude: float) -> None:
    found = problems(AroundPoint(Point(latitude, longitude), -1))

    assert len(found) == 2
    assert found["around.rayon_km"] == "-1 n'est pas entre 0 et 200 km"


@pytest.mark.parametrize(
    ("code", "communes_of_it", "insee"),
    [
        ("75056", {"75056", "75101", "75111"}, "75101"),
        ("69123", {"69123", "69381", "69383"}, "69381"),
        ("13055", {"13055", "13201", "13211"}, "13201"),
        ("75111", {"75111"}, "75111"),
        ("93066", {"93066"}, "93066"),
        ("2A004", {"2A004"}, "2A004"),
        ("2a004", {"2A004"}, "2A004"),
        ("20004", {"2A004"}, "2A004"),
        ("69232", {"69123", "69381", "69383"}, "69381"),
        ("98735", {"98735"}, "98735"),
    ],
)
def test_radius_0_is_the_commune_with_its_arrondissements(
    code: str, communes_of_it: set[str], insee: str
) -> None:
    zone = RESOLVER.resolve(AroundCommune(code, 0)).zone

    assert zone.communes == communes_of_it
    assert zone.insee == insee
    assert zone.rayon_km is None


@pytest.mark.parametrize(
    ("code", "insee", "libelle"),
    [
        ("75056", "75101", "10,5 km autour de Paris"),
        ("69123", "69381", "10,5 km autour de Lyon"),
        ("75111", "75111", "10,5 km autour de Paris 11e Arrondissement"),
        ("72181", "72181", "10,5 km autour du Mans"),
        ("20004", "2A004", "10,5 km autour d'Ajaccio"),
        ("97411", "97411", "10,5 km autour de Saint-Denis"),
    ],
)
def test_circle_around_a_commune(code: str, insee: str, libelle: str) -> None:
    named = RESOLVER.resolve(AroundCommune(code, 10.5))

    commune = table_of().get(code)
    assert commune is not None
    assert named.zone == Zone(origin=commune.point, rayon_km=10.5, insee=insee)
    assert named.libelle == libelle


def test_unknown_commune_and_bad_radius_are_told_together() -> None:
    found = problems(AroundCommune("99999", 201))

    assert set(found) == {"commune.insee", "commune.rayon_km"}


def test_postal_code_in_place_of_an_insee_code_is_recognised() -> None:
    message = problems(AroundCommune("75011", 10))["commune.insee"]

    assert message == (
        "« 75011 » est un code postal, pas un code INSEE ; essayez Paris 11e Arrondissement (75111)"
    )


def test_circle_needs_the_coordinates_of_the_commune() -> None:
    assert set(problems(AroundCommune("98735", 10))) == {"commune.rayon_km"}


@pytest.mark.parametrize(
    ("code", "departements", "libelle"),
    [
        ("75", {"75"}, "Paris (75)"),
        ("20", {"2A", "2B"}, "Corse (2A et 2B)"),
        ("2a", {"2A"}, "Corse-du-Sud (2A)"),
        ("974", {"974"}, "La Réunion (974)"),
        ("987", {"987"}, "Polynésie française (987)"),
    ],
)
def test_departement(code: str, departements: set[str], libelle: str) -> None:
    named = RESOLVER.resolve(WholeDepartement(code))

    assert named.zone == Zone(departements=frozenset(departements))
    assert named.libelle == libelle


@pytest.mark.parametrize(
    ("code", "departements", "libelle"),
    [
        ("11", {"75", "93"}, "Île-de-France"),
        ("94", {"2A", "2B"}, "Corse"),
        ("04", {"974"}, "La Réunion"),
        ("84", {"42", "69"}, "Auvergne-Rhône-Alpes"),
    ],
)
def test_region_is_its_departements(code: str, departements: set[str], libelle: str) -> None:
    named = RESOLVER.resolve(WholeRegion(code))

    assert named.zone == Zone(departements=frozenset(departements))
    assert named.libelle == libelle


def test_france_is_the_empty_zone() -> None:
    assert RESOLVER.resolve(WholeFrance()).zone == Zone()


def test_unknown_codes_say_what_would_be_right() -> None:
    assert "974" in problems(WholeDepartement("99"))["departement"]
    assert "11 (Île-de-France)" in problems(WholeRegion("99"))["region"]
