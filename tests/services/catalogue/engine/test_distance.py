from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.engine.distance import distances_km
from services.catalogue.engine.grid import round_to_grid, round_zone_to_grid
from services.france.geo import Point, Zone, distance_km

latitudes = st.floats(-60, 60)
longitudes = st.floats(-180, 179.9)
points = st.builds(Point, latitudes, longitudes)


def measured(a: Point, b: Point) -> float:
    return float(distances_km(a, np.array([b.latitude]), np.array([b.longitude]))[0])


@given(points, points)
def test_distance_is_that_of_the_rest_of_the_project(a: Point, b: Point) -> None:
    # The series is cut and the radius is 3 cm smaller, so the error is at most one part in ten million.
    assert measured(a, b) == pytest.approx(distance_km(a, b), rel=1e-7, abs=2e-4)


@given(points, st.floats(-1e-4, 1e-4), st.floats(-1e-4, 1e-4))
def test_distance_of_a_few_steps_is_right_to_two_decimetres(a: Point, north: float, east: float) -> None:
    b = Point(a.latitude + north, a.longitude + east)

    assert measured(a, b) == pytest.approx(distance_km(a, b), abs=2e-4)


@given(points)
def test_distance_to_oneself_is_nothing_and_both_ways_are_as_long(a: Point) -> None:
    there = Point(48.85, 2.35)

    assert measured(a, a) == 0
    assert measured(a, there) == measured(there, a)


def test_unknown_place_is_infinitely_far() -> None:
    assert distances_km(Point(48, 2), np.array([np.nan, 48]), np.array([np.nan, 2])).tolist() == [np.inf, 0]


@given(points)
def test_origin_on_the_grid_stays_where_it_is(point: Point) -> None:
    origin = round_zone_to_grid(Zone(point)).origin
    assert origin is not None

    assert round_zone_to_grid(Zone(origin)).origin == origin
    assert distance_km(point, origin) < 2e-5
    grid = round_to_grid(np.array([point.latitude]), np.array([point.longitude]))
    assert (origin.latitude, origin.longitude) == (float(grid[0][0]), float(grid[1][0]))


def test_zone_without_origin_has_nothing_to_put_on_the_grid() -> None:
    zone = Zone(departements=frozenset({"2A"}))

    assert round_zone_to_grid(zone) == zone
