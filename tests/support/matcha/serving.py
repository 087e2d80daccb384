"""A real matcha service over a store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc

from protos import matcha_pb2_grpc
from services.common.server import running_server
from services.france.clock import Clock
from services.matcha.limits import Limits
from services.matcha.rights import Recruteurs
from services.matcha.servicer import MatchaServicer
from services.matcha.store import BesoinStore
from tests.support.matcha.builders import LIMITS, NOW, SECRET

NAME = "lba.matcha.v1.Matcha"


@asynccontextmanager
async def serving_matcha(
    store: BesoinStore, limits: Limits = LIMITS, clock: Clock = lambda: NOW
) -> AsyncIterator[matcha_pb2_grpc.MatchaAsyncStub]:
    """A client of the service."""
    servicer = MatchaServicer(store, Recruteurs(SECRET), limits, clock)

    def add(server: grpc.aio.Server) -> None:
        matcha_pb2_grpc.add_MatchaServicer_to_server(servicer, server)

    async with (
        running_server(NAME, add, store.ping) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        yield matcha_pb2_grpc.MatchaStub(channel)
