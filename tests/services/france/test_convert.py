from __future__ import annotations

import math

import pytest

from protos import geo_pb2
from services.common.errors import Problem
from services.france.convert import lieu_to_proto, point_from_proto, point_to_proto, read_zone, zone_to_proto
from services.france.geo import Point, Zone
from services.france.lieu import Lieu

PARIS = Point(48.8566, 2.3522)


def test_point_comes_back() -> None:
    message = point_to_proto(PARIS)

    assert message is not None
    assert point_from_proto(message) == PARIS
    assert point_to_proto(None) is None


def test_lieu_is_written_whole() -> None:
    lieu = Lieu("4 rue de Rivoli", "75004", "75104", "Paris 4e Arrondissement", "75", PARIS)

    assert lieu_to_proto(lieu) == geo_pb2.Lieu(
        adresse="4 rue de Rivoli",
        code_postal="75004",
        insee="75104",
        commune="Paris 4e Arrondissement",
        departement="75",
        point=geo_pb2.Point(latitude=48.8566, longitude=2.3522),
    )


def test_what_is_unknown_of_a_lieu_is_absent() -> None:
    assert lieu_to_proto(Lieu()).ListFields() == []


@pytest.mark.parametrize(
    "zone",
    [
        Zone(),
        Zone(PARIS, 30, insee="75101"),
        Zone(PARIS, communes=frozenset({"75056", "75101"})),
        Zone(departements=frozenset({"2A", "2B"})),
    ],
)
def test_zone_comes_back(zone: Zone) -> None:
    problems: list[Problem] = []

    assert read_zone(zone_to_proto(zone), problems) == zone
    assert problems == []


def test_codes_of_a_zone_are_in_order() -> None:
    message = zone_to_proto(
        Zone(communes=frozenset({"75101", "75056"}), departements=frozenset({"2B", "2A"}))
    )

    assert (list(message.communes), list(message.departements)) == (["75056", "75101"], ["2A", "2B"])


def test_empty_zone_is_the_whole_of_france() -> None:
    problems: list[Problem] = []

    assert read_zone(geo_pb2.Zone(), problems) == Zone()
    assert problems == []


def test_zone_is_read_whole() -> None:
    problems: list[Problem] = []
    origin = geo_pb2.Point(latitude=48.8566, longitude=2.3522)

    around = read_zone(geo_pb2.Zone(origin=origin, rayon_km=30, insee="75101"), problems)
    communes = read_zone(geo_pb2.Zone(origin=origin, communes=["75101", "75056"]), problems)
    departements = read_zone(geo_pb2.Zone(departements=["2A", "974"]), problems)

    assert around == Zone(PARIS, 30, insee="75101")
    assert communes == Zone(PARIS, communes=frozenset({"75101", "75056"}))
    assert departements == Zone(departements=frozenset({"2A", "974"}))
    assert problems == []


def test_every_problem_of_a_zone_is_told() -> None:
    problems: list[Problem] = []
    wrong = geo_pb2.Zone(
        origin=geo_pb2.Point(latitude=100, longitude=math.nan),
        rayon_km=-1,
        communes=["75056"],
        departements=["75"],
    )

    read_zone(wrong, problems)

    assert problems == [
        Problem("zone.origin.latitude", "100 n'est pas entre -90 et 90 degrés"),
        Problem("zone.origin.longitude", "nan n'est pas entre -180 et 180 degrés"),
        Problem("zone.rayon_km", "-1 n'est pas dans ]0, 200] km"),
        Problem("zone", "rayon_km, communes et departements s'excluent"),
    ]


@pytest.mark.parametrize("rayon_km", [0, -0.0, -1, 200.1, math.inf, -math.inf, math.nan])
def test_radius_outside_its_limits_is_a_problem(rayon_km: float) -> None:
    problems: list[Problem] = []

    read_zone(geo_pb2.Zone(origin=geo_pb2.Point(), rayon_km=rayon_km), problems)

    assert [problem.field for problem in problems] == ["zone.rayon_km"]


def test_radius_needs_an_origin() -> None:
    problems: list[Problem] = []

    read_zone(geo_pb2.Zone(rayon_km=10), problems)

    assert problems == [Problem("zone.origin", "obligatoire avec rayon_km")]
