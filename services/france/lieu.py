"""An address in France, and the point of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.france.geo import Point, point_problems
from services.france.names import squeeze


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


LIEU_COLUMNS = ("adresse", "code_postal", "code_insee", "commune", "latitude", "longitude")
"""What `read_lieu` reads of a row of entreprises.csv."""


def read_lieu(row: Mapping[str, str]) -> Lieu:
    """The address in a row, as it is given: neither departement nor codes are checked."""
    return Lieu(
        adresse=squeeze(row["adresse"]) or None,
        code_postal=row["code_postal"] or None,
        insee=row["code_insee"] or None,
        commune=squeeze(row["commune"]) or None,
        point=read_point(row),
    )


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
