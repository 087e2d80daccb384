"""Places."""

from __future__ import annotations

import strawberry

from gateway.execution.binding import bind
from protos import geo_pb2


@bind(geo_pb2.Point, description="Une position sur Terre (WGS 84).")
class Point:
    """Bound to lba.geo.v1.Point."""

    latitude: float = strawberry.field(description="En degrés, de -90 à 90.")
    longitude: float = strawberry.field(description="En degrés, de -180 à 180.")


@bind(geo_pb2.Lieu, description="Une adresse en France.")
class Lieu:
    """Bound to lba.geo.v1.Lieu."""

    adresse: str | None = strawberry.field(description="Numéro et voie.")
    code_postal: str | None = strawberry.field(description="Cinq chiffres.")
    insee: str | None = strawberry.field(description="Code INSEE de la commune.")
    commune: str | None = strawberry.field(description="Nom de la commune.")
    departement: str | None = strawberry.field(description="Code du département : « 01 », « 2A », « 974 ».")
    point: Point | None = strawberry.field(
        description="Coordonnées ; absentes quand on ne connaît que le département."
    )


@strawberry.input(description="Une position (WGS 84).")
class PointInput:
    """Checked by the field that takes it."""

    latitude: float = strawberry.field(description="En degrés, de -90 à 90.")
    longitude: float = strawberry.field(description="En degrés, de -180 à 180.")
