"""The five services, as the gateway knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.settings import Settings
from gateway.upstream.service_client import ServiceClient
from protos import (
    catalogue_pb2,
    catalogue_pb2_grpc,
    jobs_pb2,
    jobs_pb2_grpc,
    matcha_pb2,
    matcha_pb2_grpc,
    prediction_pb2,
    prediction_pb2_grpc,
    rdv_pb2,
    rdv_pb2_grpc,
)

if TYPE_CHECKING:
    # The asynchronous stubs exist for type checkers only.
    Catalogue = ServiceClient[catalogue_pb2_grpc.CatalogueAsyncStub]
    Jobs = ServiceClient[jobs_pb2_grpc.JobsAsyncStub]
    Prediction = ServiceClient[prediction_pb2_grpc.PredictionAsyncStub]
    Matcha = ServiceClient[matcha_pb2_grpc.MatchaAsyncStub]
    Rdv = ServiceClient[rdv_pb2_grpc.RdvAsyncStub]


@dataclass(frozen=True)
class Clients:
    """A client of each of the five services."""

    catalogue: Catalogue
    jobs: Jobs
    prediction: Prediction
    matcha: Matcha
    rdv: Rdv

    @property
    def all(self) -> tuple[ServiceClient[Any], ...]:
        return (self.catalogue, self.jobs, self.prediction, self.matcha, self.rdv)

    async def close(self) -> None:
        for client in self.all:
            await client.close()


def open_clients(settings: Settings) -> Clients:
    """Clients of the services at the addresses in the settings; nothing is connected yet."""
    lazy = settings.plans and settings.wire
    return Clients(
        catalogue=ServiceClient(
            catalogue_pb2.DESCRIPTOR.services_by_name["Catalogue"],
            catalogue_pb2_grpc.CatalogueStub,
            settings.catalogue_address,
            lazy=lazy,
        ),
        jobs=ServiceClient(
            jobs_pb2.DESCRIPTOR.services_by_name["Jobs"],
            jobs_pb2_grpc.JobsStub,
            settings.jobs_address,
            lazy=lazy,
        ),
        prediction=ServiceClient(
            prediction_pb2.DESCRIPTOR.services_by_name["Prediction"],
            prediction_pb2_grpc.PredictionStub,
            settings.prediction_address,
            lazy=lazy,
        ),
        matcha=ServiceClient(
            matcha_pb2.DESCRIPTOR.services_by_name["Matcha"],
            matcha_pb2_grpc.MatchaStub,
            settings.matcha_address,
            lazy=lazy,
        ),
        rdv=ServiceClient(
            rdv_pb2.DESCRIPTOR.services_by_name["Rdv"],
            rdv_pb2_grpc.RdvStub,
            settings.rdv_address,
            lazy=lazy,
        ),
    )
