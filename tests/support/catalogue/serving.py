"""Runs a catalogue service for tests, with helpers for its requests and errors."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2

from protos import catalogue_pb2, catalogue_pb2_grpc, geo_pb2
from services.catalogue.engine.tantivy.source import FolderSource
from services.catalogue.engine.tantivy.store import TantivyFormationStore
from services.catalogue.live import LiveCatalogue
from services.catalogue.servicer import CatalogueServicer
from services.common.channel import open_channel
from services.common.errors import InvalidRequest, ServiceError, from_rpc
from services.common.server import running_server

SERVICE = catalogue_pb2.DESCRIPTOR.services_by_name["Catalogue"]
PARIS = geo_pb2.Point(latitude=48.8566, longitude=2.3522)
MARSEILLE = {
    "lieu_code_insee": "13211",
    "lieu_code_postal": "13011",
    "latitude": "43.287",
    "longitude": "5.483",
}
UNLISTED = "13002374000439"
"""SIRET of an organisation that `etablissements.csv` does not have."""
ROWS: list[dict[str, str]] = [
    {"id": "a", "periodes": "2026-11|2027-09"},
    {"id": "b", "intitule": "COIFFEUR (BP)", "romes": "D1202", "niveau_eu": "4"},
    {"id": "c", "intitule": "PATISSIER (CAP)", "romes": "D1104|D1102"},
    {"id": "d", "intitule": "BOULANGER (BP)", "niveau_eu": "4", **MARSEILLE, "formateur_siret": UNLISTED},
]


class served:  # noqa: N801 - used as a function is
    """A server on this state folder, entered as a channel to it. Its current date is 1 December 2026."""

    def __init__(self, state: Path) -> None:
        catalogue = LiveCatalogue(FolderSource(state, TantivyFormationStore.open))
        servicer = CatalogueServicer(catalogue, today=lambda: date(2026, 12, 1))
        self._server = running_server(
            SERVICE.full_name,
            lambda server: catalogue_pb2_grpc.add_CatalogueServicer_to_server(servicer, server),
            catalogue.ping,
        )

    async def __aenter__(self) -> grpc.aio.Channel:
        port = await self._server.__aenter__()
        self._channel = open_channel(f"127.0.0.1:{port}", SERVICE)
        return self._channel

    async def __aexit__(self, *error: object) -> None:
        await self._channel.close()
        await self._server.__aexit__(None, None, None)


async def refusal(call: Awaitable[object]) -> ServiceError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return from_rpc(caught.value)


async def problem_fields(call: Awaitable[object]) -> list[str]:
    error = await refusal(call)
    assert isinstance(error, InvalidRequest)
    return [each.field for each in error.problems]


def around_paris(rayon_km: float | None = None) -> geo_pb2.Zone:
    return geo_pb2.Zone(origin=PARIS, rayon_km=rayon_km)


async def health_of(channel: grpc.aio.Channel) -> health_pb2.HealthCheckResponse:
    check = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )
    return await check(health_pb2.HealthCheckRequest(service=SERVICE.full_name))
