from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.france.geo import Point, distance_km
from services.france.geo_columns import distances_km

points = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))


@given(points, st.lists(points, max_size=20))
def test_each_row_has_the_distance_that_the_scalar_formula_gives(origin: Point, rows: list[Point]) -> None:
    latitudes = np.array([row.latitude for row in rows], dtype=np.float64)
    longitudes = np.array([row.longitude for row in rows], dtype=np.float64)

    distances = distances_km(origin, latitudes, longitudes)

    # numpy's sine may differ from that of the C library in the last digit.
    assert distances.tolist() == pytest.approx([distance_km(origin, row) for row in rows], abs=1e-3)
    assert distances.dtype == np.float64


def test_row_without_a_position_has_no_distance() -> None:
    nowhere = np.array([math.nan, 48.8, math.nan])
    longitudes = np.array([2.3, math.nan, math.nan])

    assert np.isnan(distances_km(Point(48.8566, 2.3522), nowhere, longitudes)).all()
