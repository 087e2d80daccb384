from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.france.geo import (
    EARTH_RADIUS_KM,
    MAX_RAYON_KM,
    Point,
    bounding_box,
    distance_km,
    point_problems,
)

PARIS = Point(48.8566, 2.3522)
HALF_TURN_KM = math.pi * EARTH_RADIUS_KM

points = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))
# From La Réunion to Dunkerque, and from Martinique to La Réunion.
in_france = st.builds(Point, st.floats(-22, 52), st.floats(-64, 56))
radii = st.floats(min_value=0, max_value=MAX_RAYON_KM, exclude_min=True)


@given(points, points)
def test_distance_is_the_same_both_ways(a: Point, b: Point) -> None:
    assert distance_km(a, b) == pytest.approx(distance_km(b, a), abs=1e-9)
    assert 0 <= distance_km(a, b) <= HALF_TURN_KM


@given(points)
def test_point_is_at_no_distance_from_itself(point: Point) -> None:
    assert distance_km(point, point) == 0


@given(points, points, points)
def test_detour_is_never_shorter(a: Point, b: Point, c: Point) -> None:
    # Near the antipode the formula is accurate to a metre only, because the sine of the half arc is flat.
    assert distance_km(a, c) <= distance_km(a, b) + distance_km(b, c) + 0.001


# Examples of the haversine package (Lyon, Paris, New York) and of scikit-learn's haversine_distances.
@pytest.mark.parametrize(
    ("a", "b", "published_km"),
    [
        pytest.param(Point(45.7597, 4.8422), Point(48.8567, 2.3508), 392.217, id="Lyon-Paris"),
        pytest.param(Point(45.7597, 4.8422), Point(40.7033962, -74.2351462), 6163.436, id="Lyon-New York"),
        pytest.param(Point(48.8567, 2.3508), Point(40.7033962, -74.2351462), 5853.329, id="Paris-New York"),
        pytest.param(
            Point(-34.83333, -58.5166646), Point(49.0083899664, 2.53844117956), 11099.540, id="Ezeiza-Roissy"
        ),
    ],
)
def test_published_distances(a: Point, b: Point, published_km: float) -> None:
    assert distance_km(a, b) == pytest.approx(published_km, abs=0.1)


def test_degrees_and_half_turns() -> None:
    degree_km = HALF_TURN_KM / 180

    assert distance_km(Point(0, 0), Point(1, 0)) == pytest.approx(degree_km)
    assert distance_km(Point(0, 179.5), Point(0, -179.5)) == pytest.approx(degree_km)
    assert distance_km(Point(60, 0), Point(60, 0.01)) == pytest.approx(degree_km / 200, rel=1e-6)
    assert distance_km(Point(90, 0), Point(-90, 120)) == pytest.approx(HALF_TURN_KM)


def test_distance_from_nowhere_is_not_a_number() -> None:
    assert math.isnan(distance_km(PARIS, Point(math.nan, 0)))


@given(in_france, radii, st.floats(0, 360), st.floats(0, 1))
def test_box_holds_every_point_of_the_circle(
    centre: Point, rayon_km: float, bearing: float, share: float
) -> None:
    south_west, north_east = bounding_box(centre, rayon_km)

    point = destination(centre, bearing, rayon_km * share)

    assert south_west.latitude <= point.latitude <= north_east.latitude
    assert south_west.longitude <= point.longitude <= north_east.longitude


@given(in_france, in_france, radii)
def test_what_is_outside_the_box_is_outside_the_circle(centre: Point, point: Point, rayon_km: float) -> None:
    south_west, north_east = bounding_box(centre, rayon_km)
    in_box = (
        south_west.latitude <= point.latitude <= north_east.latitude
        and south_west.longitude <= point.longitude <= north_east.longitude
    )

    assert in_box or distance_km(centre, point) > rayon_km


def destination(start: Point, bearing: float, length_km: float) -> Point:
    """The point at this distance in this direction (spherical trigonometry, not the haversine)."""
    arc, heading, lat = length_km / EARTH_RADIUS_KM, math.radians(bearing), math.radians(start.latitude)
    sine = math.sin(lat) * math.cos(arc) + math.cos(lat) * math.sin(arc) * math.cos(heading)
    turn = math.atan2(math.sin(heading) * math.sin(arc) * math.cos(lat), math.cos(arc) - math.sin(lat) * sine)
    return Point(math.degrees(math.asin(sine)), start.longitude + math.degrees(turn))


@given(st.floats(), st.floats())
def test_point_is_right_within_its_limits_alone(latitude: float, longitude: float) -> None:
    wrong = [problem.field for problem in point_problems("lieu.point", Point(latitude, longitude))]

    assert ("lieu.point.latitude" in wrong) is not (abs(latitude) <= 90)
    assert ("lieu.point.longitude" in wrong) is not (abs(longitude) <= 180)
