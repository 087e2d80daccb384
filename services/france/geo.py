"""Points, zones and great-circle distances."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from services.common.checks import range_problems
from services.common.errors import Problem

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth by the IUGG (https://en.wikipedia.org/wiki/Earth_radius).

All distances are measured on this sphere, except those of the catalogue: its engines share another formula
(`services/catalogue/engine/distance.py`), whose radius is 3 cm smaller.
"""

MAX_RAYON_KM = 200.0
_KM_PER_DEGREE = EARTH_RADIUS_KM * math.pi / 180

# A tenth of a millimetre, so that rounding leaves no point of the circle outside of its box.
_BOX_SLACK_DEGREES = 1e-9


@dataclass(frozen=True, slots=True)
class Point:
    """A position in degrees, WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Zone:
    """The area of a search; the empty zone is the whole of France. See `protos/geo.proto`."""

    origin: Point | None = None
    rayon_km: float | None = None
    communes: frozenset[str] = field(default_factory=frozenset)
    departements: frozenset[str] = field(default_factory=frozenset)
    insee: str | None = None


def point_problems(path: str, point: Point) -> list[Problem]:
    """The problems of a point, by field under `path`; NaN is one."""
    return [
        *range_problems(f"{path}.latitude", point.latitude, -90, 90, "degrés"),
        *range_problems(f"{path}.longitude", point.longitude, -180, 180, "degrés"),
    ]


def distance_km(a: Point, b: Point) -> float:
    """Great-circle distance by the haversine formula (https://en.wikipedia.org/wiki/Haversine_formula)."""
    lat_a, lat_b = math.radians(a.latitude), math.radians(b.latitude)
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b.longitude - a.longitude) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(chord, 1.0)))


def bounding_box(centre: Point, rayon_km: float) -> tuple[Point, Point]:
    """South-west and north-east corners of a box that holds the whole circle.

    The circle must be away from the poles and the antimeridian, as all of France is.
    """
    latitudes = rayon_km / _KM_PER_DEGREE + _BOX_SLACK_DEGREES
    # The circle is widest a little poleward of its centre, hence asin: https://janmatuschek.de/LatitudeLongitudeBoundingCoordinates
    ratio = math.sin(rayon_km / EARTH_RADIUS_KM) / math.cos(math.radians(centre.latitude))
    longitudes = math.degrees(math.asin(ratio)) + _BOX_SLACK_DEGREES if abs(ratio) < 1 else 180.0
    return (
        Point(max(-90.0, centre.latitude - latitudes), max(-180.0, centre.longitude - longitudes)),
        Point(min(90.0, centre.latitude + latitudes), min(180.0, centre.longitude + longitudes)),
    )
