"""The grid that both engines hold places on, so that they measure the same distances.

It is Lucene's, which Elasticsearch rounds every point down to: a centimetre at most. Its filters put
the origin of a circle on it too, its sorts do not: an origin that is on it already is the same for all.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.france.geo import Point, Zone
from services.france.geo_columns import Floats

_LATITUDE_STEP = 180 / 2**32
_LONGITUDE_STEP = 360 / 2**32


def on_grid(latitudes: Floats, longitudes: Floats) -> tuple[Floats, Floats]:
    """Degrees, as an index holds them; NaN stays NaN."""
    return (
        np.floor(latitudes / _LATITUDE_STEP) * _LATITUDE_STEP,
        np.floor(longitudes / _LONGITUDE_STEP) * _LONGITUDE_STEP,
    )


def zone_on_grid(zone: Zone) -> Zone:
    """The zone, measured from the point of the grid that its origin is rounded to."""
    if zone.origin is None:
        return zone
    latitudes, longitudes = on_grid(np.array([zone.origin.latitude]), np.array([zone.origin.longitude]))
    return replace(zone, origin=Point(float(latitudes[0]), float(longitudes[0])))
