"""Rounds coordinates to Lucene's grid, so that both engines measure the same distances.

Elasticsearch stores each point rounded down to a step of 180 / 2^32 degrees of latitude and 360 / 2^32
of longitude, about one centimetre at most:
https://lucene.apache.org/core/9_12_0/core/org/apache/lucene/geo/GeoEncodingUtils.html
Its distance filter also rounds the origin, its distance sort does not. An origin that is on the grid
already gives the same distances in both.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.france.geo import Point, Zone
from services.france.geo_columns import Floats

_LATITUDE_STEP = 180 / 2**32
_LONGITUDE_STEP = 360 / 2**32


def round_to_grid(latitudes: Floats, longitudes: Floats) -> tuple[Floats, Floats]:
    """Degrees rounded down to the grid; NaN stays NaN."""
    return (
        np.floor(latitudes / _LATITUDE_STEP) * _LATITUDE_STEP,
        np.floor(longitudes / _LONGITUDE_STEP) * _LONGITUDE_STEP,
    )


def round_zone_to_grid(zone: Zone) -> Zone:
    """The zone with its origin rounded down to the grid."""
    if zone.origin is None:
        return zone
    latitudes, longitudes = round_to_grid(np.array([zone.origin.latitude]), np.array([zone.origin.longitude]))
    return replace(zone, origin=Point(float(latitudes[0]), float(longitudes[0])))
