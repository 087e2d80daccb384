from __future__ import annotations

import pytest

from services.france.geo import Point, Zone
from services.jobs.offre import Criteria, Sort
from services.jobs.zone import Query, origin_commune, to_queries
from tests.support.france.communes import commune_row, table_of
from tests.support.jobs.partner import COMMUNES

PARIS = Point(48.8566, 2.3522)


def queries(zone: Zone, sort: Sort = Sort.DISTANCE) -> tuple[Query, ...]:
    return to_queries(Criteria(frozenset({"D1104", "D1102"}), zone, sort), COMMUNES)


def test_whole_of_france() -> None:
    assert [query.params() for query in queries(Zone())] == [
        {"codeROME": "D1102,D1104", "natureContrat": "E2,FS", "sort": "1"}
    ]


def test_circle_is_asked_around_the_commune_and_reaches_beyond_ours() -> None:
    zone = Zone(origin=PARIS, rayon_km=30, insee="75101")

    # 1.3 km from the arrondissement's centre, 3 km for the width of a commune.
    assert [query.params() for query in queries(zone)] == [
        {
            "codeROME": "D1102,D1104",
            "natureContrat": "E2,FS",
            "sort": "2",
            "commune": "75101",
            "distance": "35",
        }
    ]


@pytest.mark.parametrize("insee", ["75056", "99999", None])
def test_code_that_the_partner_refuses_gives_way_to_the_nearest_commune(insee: str | None) -> None:
    commune = origin_commune(Zone(origin=PARIS, rayon_km=30, insee=insee), COMMUNES)

    assert commune is not None
    assert commune.insee == "75101"


def test_latest_first_is_asked_when_wanted() -> None:
    zone = Zone(origin=PARIS, rayon_km=30)

    assert [query.sort for query in queries(zone, Sort.DATE)] == [1]


def test_nothing_is_asked_at_sea() -> None:
    assert queries(Zone(origin=Point(0, 0), rayon_km=30)) == ()


def test_communes_go_by_five_and_paris_once() -> None:
    codes = frozenset({"75056", "75101", "75111", "93066", "78646", "46042", "46102", "2A004", "99999"})

    assert [(query.commune, query.distance) for query in queries(Zone(communes=codes))] == [
        ("2A004,46042,46102,75101,78646", 0),
        ("93066", 0),
    ]


def test_departements_go_by_five_unknown_ones_left_out() -> None:
    codes = frozenset({"75", "93", "78", "69", "46", "2A", "974", "00"})

    assert [query.departement for query in queries(Zone(departements=codes))] == ["2A,46,69,75,78", "93,974"]


def test_zone_of_unknown_codes_asks_nothing() -> None:
    assert queries(Zone(departements=frozenset({"00"}))) == ()
    assert queries(Zone(communes=frozenset({"99999"}))) == ()


def test_former_code_is_asked_as_the_commune_of_today() -> None:
    communes = table_of(
        [commune_row("2A004", "Ajaccio", "20000", 76_320, (41.92274, 8.70583), former="20004")]
    )
    zone = Zone(communes=frozenset({"20004"}))

    queries = to_queries(Criteria(frozenset({"D1102"}), zone, Sort.DISTANCE), communes)

    assert [query.commune for query in queries] == ["2A004"]


def test_commune_without_coordinates_is_never_asked_for() -> None:
    commune = origin_commune(Zone(origin=PARIS, rayon_km=30, insee="98735"), COMMUNES)

    assert commune is not None
    assert commune.insee == "75101"
    assert queries(Zone(communes=frozenset({"98735"}))) == ()
    assert queries(Zone(departements=frozenset({"987"}))) == ()
