"""The table of services: one row for each, read by the gateway, the local system, tests and benches.

A service that has no row does not exist for them; CONTRIBUTING says what else a new one needs, and
`tests/protos/test_services.py` what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Generic, TypeVar

import grpc
from google.protobuf.descriptor import ServiceDescriptor

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

Stub = TypeVar("Stub")


class Store(Enum):
    """Where a service finds its data."""

    FOLDER = auto()
    """A state folder, which its importer fills."""
    MONGODB = auto()
    """A database of its own in MongoDB."""


@dataclass(frozen=True)
class Service(Generic[Stub]):
    """One gRPC service; the ports are those of the local system, and free for anybody to change."""

    descriptor: ServiceDescriptor
    stub: Callable[[grpc.aio.Channel], Stub]
    port: int
    metrics_port: int
    store: Store

    @property
    def name(self) -> str:
        """That of its folder in `services/`, of its `.proto`, and of the prefix of its variables."""
        return self.descriptor.name.lower()


# The types of the asynchronous stubs exist for type checkers only.
CATALOGUE: Service[catalogue_pb2_grpc.CatalogueAsyncStub] = Service(
    catalogue_pb2.DESCRIPTOR.services_by_name["Catalogue"],
    catalogue_pb2_grpc.CatalogueStub,
    port=50051,
    metrics_port=51051,
    store=Store.FOLDER,
)
JOBS: Service[jobs_pb2_grpc.JobsAsyncStub] = Service(
    jobs_pb2.DESCRIPTOR.services_by_name["Jobs"],
    jobs_pb2_grpc.JobsStub,
    port=50052,
    metrics_port=51052,
    store=Store.FOLDER,
)
PREDICTION: Service[prediction_pb2_grpc.PredictionAsyncStub] = Service(
    prediction_pb2.DESCRIPTOR.services_by_name["Prediction"],
    prediction_pb2_grpc.PredictionStub,
    port=50053,
    metrics_port=51053,
    store=Store.FOLDER,
)
MATCHA: Service[matcha_pb2_grpc.MatchaAsyncStub] = Service(
    matcha_pb2.DESCRIPTOR.services_by_name["Matcha"],
    matcha_pb2_grpc.MatchaStub,
    port=50054,
    metrics_port=51054,
    store=Store.MONGODB,
)
RDV: Service[rdv_pb2_grpc.RdvAsyncStub] = Service(
    rdv_pb2.DESCRIPTOR.services_by_name["Rdv"],
    rdv_pb2_grpc.RdvStub,
    port=50055,
    metrics_port=51055,
    store=Store.MONGODB,
)

SERVICES: tuple[Service[Any], ...] = (CATALOGUE, JOBS, PREDICTION, MATCHA, RDV)

GATEWAY_PORT = 8000
GATEWAY_METRICS_PORT = 51050

COMPANION_PORTS = {"sandbox": 50056, "mongod": 50057, "elasticsearch": 50058}
"""Ports of what runs beside the services on one machine; here so that no two are the same."""
