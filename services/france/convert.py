"""Converts between the messages of `protos/geo.proto` and the domain."""

from __future__ import annotations

from protos import geo_pb2
from services.common.errors import Problem
from services.france.geo import MAX_RAYON_KM, Point, Zone, point_problems
from services.france.lieu import Lieu


def point_to_proto(point: Point | None) -> geo_pb2.Point | None:
    return geo_pb2.Point(latitude=point.latitude, longitude=point.longitude) if point else None


def point_from_proto(message: geo_pb2.Point) -> Point:
    return Point(message.latitude, message.longitude)


def lieu_to_proto(lieu: Lieu) -> geo_pb2.Lieu:
    return geo_pb2.Lieu(
        adresse=lieu.adresse,
        code_postal=lieu.code_postal,
        insee=lieu.insee,
        commune=lieu.commune,
        departement=lieu.departement,
        point=point_to_proto(lieu.point),
    )


def zone_to_proto(zone: Zone) -> geo_pb2.Zone:
    return geo_pb2.Zone(
        origin=point_to_proto(zone.origin),
        rayon_km=zone.rayon_km,
        communes=sorted(zone.communes),
        departements=sorted(zone.departements),
        insee=zone.insee,
    )


def read_zone(message: geo_pb2.Zone, problems: list[Problem]) -> Zone:
    """The zone of a request; its problems are added to `problems`, under `zone.`."""
    origin = point_from_proto(message.origin) if message.HasField("origin") else None
    if origin is not None:
        problems += point_problems("zone.origin", origin)
    rayon_km = message.rayon_km if message.HasField("rayon_km") else None
    if rayon_km is not None and not 0 < rayon_km <= MAX_RAYON_KM:
        problems.append(Problem("zone.rayon_km", f"{rayon_km:g} n'est pas dans ]0, {MAX_RAYON_KM:g}] km"))
    if rayon_km is not None and origin is None:
        problems.append(Problem("zone.origin", "obligatoire avec rayon_km"))
    if sum((rayon_km is not None, bool(message.communes), bool(message.departements))) > 1:
        problems.append(Problem("zone", "rayon_km, communes et departements s'excluent"))
    return Zone(
        origin=origin,
        rayon_km=rayon_km,
        communes=frozenset(message.communes),
        departements=frozenset(message.departements),
        insee=message.insee if message.HasField("insee") else None,
    )
