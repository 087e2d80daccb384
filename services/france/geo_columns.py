"""Great-circle distances over NumPy columns, for services that hold their rows in memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from services.france.geo import EARTH_RADIUS_KM, Point

Floats = npt.NDArray[np.float64]


def distances_km(origin: Point, latitudes: Floats, longitudes: Floats) -> Floats:
    """Distance of each row from `origin`; NaN where a coordinate is NaN. Same formula as `distance_km`."""
    lat_a, lat_b = np.radians(origin.latitude), np.radians(latitudes)
    half_lat = (lat_b - lat_a) / 2
    half_lon = np.radians(longitudes - origin.longitude) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin(half_lon) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(1.0, chord))), dtype=np.float64)
