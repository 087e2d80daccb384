"""A real rdv service over a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta

import grpc

from protos import rdv_pb2_grpc
from services.common.mongo import open_database
from services.common.server import running_server
from services.france.clock import Clock
from services.rdv.creneau import Regle
from services.rdv.limits import Limits
from services.rdv.servicer import RdvServicer
from services.rdv.store import RendezVousStore
from tests.support.rdv.builders import LIMITS, NOW, OTHER_SIRET, SIRET, THURSDAY

NAME = "lba.rdv.v1.Rdv"
LEAD = timedelta(hours=2)


@asynccontextmanager
async def serving_rdv(
    url: str,
    name: str,
    limits: Limits = LIMITS,
    clock: Clock = lambda: NOW,
    regles: Iterable[Regle] = (THURSDAY,),
) -> AsyncIterator[rdv_pb2_grpc.RdvAsyncStub]:
    """A client of a service with two trainings of an open centre, and one of a centre without hours."""
    async with open_database(url, name) as database:
        store = RendezVousStore(database)
        await store.replace_formations({"f1": SIRET, "f2": SIRET, "closed": OTHER_SIRET})
        await store.replace_fictives({SIRET: list(regles)})
        servicer = RdvServicer(store, LEAD, limits, clock)

        def add(server: grpc.aio.Server) -> None:
            rdv_pb2_grpc.add_RdvServicer_to_server(servicer, server)

        async with (
            running_server(NAME, add, store.ping) as port,
            grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
        ):
            yield rdv_pb2_grpc.RdvStub(channel)
