"""The jobs service on a real port, in front of a partner of our own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from deploy.sandbox.offres import OffreSimulee
from protos import jobs_pb2, jobs_pb2_grpc
from services.common.channel import open_channel
from services.common.server import running_server
from services.jobs.servicer import SERVICE_NAME, JobsServicer
from services.jobs.store import FranceTravail, open_store
from tests.support.jobs.partner import COMMUNES, Partner, running_partner


@dataclass(frozen=True)
class RunningJobs:
    """The service, what is behind it, and a client."""

    partner: Partner
    store: FranceTravail
    stub: jobs_pb2_grpc.JobsAsyncStub
    port: int


@asynccontextmanager
async def running_jobs(
    offres: Sequence[OffreSimulee], service: dict[str, Any] | None = None
) -> AsyncIterator[RunningJobs]:
    """The service with these offers; `service` are its settings other than the usual."""
    async with (
        running_partner(offres, service) as partner,
        open_store(partner.settings, COMMUNES) as store,
    ):
        servicer = JobsServicer(store, COMMUNES, partner.settings)
        async with (
            running_server(
                SERVICE_NAME,
                lambda server: jobs_pb2_grpc.add_JobsServicer_to_server(servicer, server),
                store.ping,
            ) as port,
            open_channel(f"127.0.0.1:{port}", jobs_pb2.DESCRIPTOR.services_by_name["Jobs"]) as channel,
        ):
            yield RunningJobs(partner, store, jobs_pb2_grpc.JobsStub(channel), port)


def search_request(**fields: Any) -> jobs_pb2.SearchOffresRequest:
    usual: dict[str, Any] = {"romes": ["D1102"], "first": 100}
    return jobs_pb2.SearchOffresRequest(**(usual | fields))
