"""Addresses in France, and their points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.france.geo import Point, point_problems
from services.france.names import squeeze


@dataclass(frozen=True, slots=True)
class Lieu:
    """An address; unknown parts are None."""

    adresse: str | None = None
    code_postal: str | None = None
    insee: str | None = None
    commune: str | None = None
    """Name of the commune."""
    departement: str | None = None
    point: Point | None = None


LIEU_COLUMNS = ("adresse", "code_postal", "code_insee", "commune", "latitude", "longitude")
"""The columns of entreprises.csv that `read_lieu` reads."""


def read_lieu(row: Mapping[str, str]) -> Lieu:
    """The address in a row, without any check or correction."""
    return Lieu(
        adresse=squeeze(row["adresse"]) or None,
        code_postal=row["code_postal"] or None,
        insee=row["code_insee"] or None,
        commune=squeeze(row["commune"]) or None,
        point=read_point(row),
    )


def known_point(latitude: float, longitude: float) -> Point | None:
    """The point, or None if it is out of range or (0, 0), the result of failed geocoding."""
    point = Point(latitude, longitude)
    return None if point_problems("point", point) or point == Point(0, 0) else point


def read_point(row: Mapping[str, str]) -> Point | None:
    """The known point in the columns `latitude` and `longitude` of a row, or None."""
    try:
        return known_point(float(row["latitude"]), float(row["longitude"]))
    except ValueError:
        return None
