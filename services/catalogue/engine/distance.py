"""Computes distances exactly as Elasticsearch does, so that both engines order rows alike.

This is the haversine formula of Lucene's SloppyMath, bit for bit:
https://lucene.apache.org/core/9_12_0/core/org/apache/lucene/util/SloppyMath.html
It trades accuracy for speed: within a metre of the origin it is wrong by a few centimetres. An exact
formula would put such close rows in another order than Elasticsearch does.
"""

from __future__ import annotations

import math

import numpy as np

from services.france.geo import Point
from services.france.geo_columns import Floats

_EARTH_RADIUS_KM = 6371.0087714
"""The radius of Lucene's sphere, 3 cm less than EARTH_RADIUS_KM of services.france.geo."""

_RELATIVE_TOLERANCE = 1e-12
"""The last bits of a distance may differ between engines, but their order does not."""

# The cosine comes from a table of the circle and a series of four terms between two entries of the table.
# The step of the table is the sum of a coarse part, whose multiples are exact floats (pi / 2 cut to 33 bits),
# and of the remainder.
_ENTRIES = 2_048
_QUARTER_COARSE, _QUARTER_REST = float.fromhex("0x1.921fb544p+0"), float.fromhex("0x1.0b4611a626331p-34")
_STEP_COARSE, _STEP_REST = 4 * _QUARTER_COARSE / _ENTRIES, 4 * _QUARTER_REST / _ENTRIES
_PER_RADIAN = 1 / (_STEP_COARSE + _STEP_REST)
_HALF, _SIXTH, _TWENTY_FOURTH = 1 / 2, 1 / 6, 1 / 24
_KEPT_BITS = ~np.int64(0b111)
"""Clears the last three bits of a sum of cosines, which are rounding noise."""


def _tables() -> tuple[Floats, Floats]:
    """Cosine and sine of each entry; multiples of pi / 2 give exact zeros."""
    angles = [number * _STEP_COARSE + number * _STEP_REST for number in range(_ENTRIES)]
    cosines, sines = np.array([*map(math.cos, angles)]), np.array([*map(math.sin, angles)])
    cosines[_ENTRIES // 4 :: _ENTRIES // 2] = 0.0
    sines[:: _ENTRIES // 2] = 0.0
    return cosines, sines


_COSINES, _SINES = _tables()


def distances_km(origin: Point, latitudes: Floats, longitudes: Floats) -> Floats:
    """Distance of each row, in degrees, from an origin on the grid; infinite where a coordinate is NaN."""
    distances = np.full(len(latitudes), np.inf)
    placed = np.flatnonzero(~np.isnan(latitudes))
    lat_a, lat_b = np.radians(origin.latitude), np.radians(latitudes[placed])
    north = 1 - _cosines(lat_a - lat_b)
    east = 1 - _cosines(np.radians(origin.longitude - longitudes[placed]))
    both = north + _cosines(np.array([lat_a])) * _cosines(lat_b) * east
    cleared = (both.view(np.int64) & _KEPT_BITS).view(np.float64)
    distances[placed] = 2 * _EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, np.sqrt(cleared * _HALF)))
    return distances


def padded_radius_km(rayon_km: float) -> float:
    """The radius to compare distances with, so that a row exactly on the edge is inside on both engines."""
    return rayon_km * (1 + _RELATIVE_TOLERANCE)


def _cosines(angles: Floats) -> Floats:
    angles = np.abs(angles)
    entries = (angles * _PER_RADIAN + 0.5).astype(np.int64)
    rest = (angles - entries * _STEP_COARSE) - entries * _STEP_REST
    entries &= _ENTRIES - 1
    cosines, sines = _COSINES[entries], _SINES[entries]
    # Keep Lucene's order of operations: another order rounds differently.
    cubic = sines * _SIXTH + rest * cosines * _TWENTY_FOURTH
    return np.asarray(cosines + rest * (-sines + rest * (-cosines * _HALF + rest * cubic)))
