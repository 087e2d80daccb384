"""An address in France, and the point of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.france.geo import Point, point_problems


@dataclass(frozen=True, slots=True)
class Lieu:
    """An address; what is unknown of it is None."""

    adresse: str | None = None
    code_postal: str | None = None
    insee: str | None = None
    commune: str | None = None
    """Name of the commune."""
    departement: str | None = None
    point: Point | None = None


def known_point(latitude: float, longitude: float) -> Point | None:
    """The point, or None when it is no place: out of range, or (0, 0), which failed geocoding leaves."""
    point = Point(latitude, longitude)
    return None if point_problems("point", point) or point == Point(0, 0) else point


def read_point(row: Mapping[str, str]) -> Point | None:
    """The point in the columns `latitude` and `longitude` of a row, or None when it is no place."""
    try:
        return known_point(float(row["latitude"]), float(row["longitude"]))
    except ValueError:
        return None
