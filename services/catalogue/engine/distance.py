"""Distances as Elasticsearch measures them, so that the embedded engine orders rows as it does.

Its formula trades exactness for speed: within a metre of the origin it is some centimetres off, and
rows that are as near come in the order that its rounding gives. An exact formula would give another.
"""

from __future__ import annotations

import math

import numpy as np

from services.france.geo import Point
from services.france.geo_columns import Floats

_EARTH_RADIUS_KM = 6371.0087714
"""Of Lucene's sphere: three centimetres less than that of the rest of the project."""

_EDGE = 1e-12
"""Engines may disagree on the last bits of a distance, never on which of two is longer."""

# The cosine is a table of the circle, and four terms of the series between its entries. A step has a coarse
# part, of which multiples are exact, and the rest: a quarter of the circle in 33 bits, and what is left.
_ENTRIES = 2_048
_QUARTER_COARSE, _QUARTER_REST = float.fromhex("0x1.921fb544p+0"), float.fromhex("0x1.0b4611a626331p-34")
_STEP_COARSE, _STEP_REST = 4 * _QUARTER_COARSE / _ENTRIES, 4 * _QUARTER_REST / _ENTRIES
_PER_RADIAN = 1 / (_STEP_COARSE + _STEP_REST)
_HALF, _SIXTH, _TWENTY_FOURTH = 1 / 2, 1 / 6, 1 / 24
_KEPT_BITS = ~np.int64(0b111)
"""The last three of a sum of cosines are noise, and are cleared."""


def _circle() -> tuple[Floats, Floats]:
    """Cosine and sine of each entry, exactly zero where they are."""
    angles = [number * _STEP_COARSE + number * _STEP_REST for number in range(_ENTRIES)]
    cosines, sines = np.array([*map(math.cos, angles)]), np.array([*map(math.sin, angles)])
    cosines[_ENTRIES // 4 :: _ENTRIES // 2] = 0.0
    sines[:: _ENTRIES // 2] = 0.0
    return cosines, sines


_COSINES, _SINES = _circle()


def measured_km(origin: Point, latitudes: Floats, longitudes: Floats) -> Floats:
    """Distance of each row from an origin on the grid; infinite where a coordinate is NaN."""
    distances = np.full(len(latitudes), np.inf)
    placed = np.flatnonzero(~np.isnan(latitudes))
    lat_a, lat_b = np.radians(origin.latitude), np.radians(latitudes[placed])
    north = 1 - _cosines(lat_a - lat_b)
    east = 1 - _cosines(np.radians(origin.longitude - longitudes[placed]))
    both = north + _cosines(np.array([lat_a])) * _cosines(lat_b) * east
    cleared = (both.view(np.int64) & _KEPT_BITS).view(np.float64)
    distances[placed] = 2 * _EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(cleared * _HALF)))
    return distances


def reach_km(rayon_km: float) -> float:
    """The radius to ask an engine for, so that a row on the very edge is inside."""
    return rayon_km * (1 + _EDGE)


def _cosines(angles: Floats) -> Floats:
    angles = np.abs(angles)
    entries = (angles * _PER_RADIAN + 0.5).astype(np.int64)
    rest = (angles - entries * _STEP_COARSE) - entries * _STEP_REST
    entries &= _ENTRIES - 1
    cosines, sines = _COSINES[entries], _SINES[entries]
    # The order of these operations is the formula's own: another would round otherwise.
    cubic = sines * _SIXTH + rest * cosines * _TWENTY_FOURTH
    return np.asarray(cosines + rest * (-sines + rest * (-cosines * _HALF + rest * cubic)))
