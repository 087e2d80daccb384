"""A real gRPC server of the contract of rdv whose methods do what a test says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
from typing_extensions import override

from protos import rdv_pb2, rdv_pb2_grpc
from services.common.channel import open_channel
from services.common.server import running_server

SERVICE = rdv_pb2.DESCRIPTOR.services_by_name["Rdv"]
SERVICE_NAME = SERVICE.full_name
READ = "/lba.rdv.v1.Rdv/ListCreneaux"

QUESTION = rdv_pb2.ListCreneauxRequest(formation_ids=["f1"])
BOOKING = rdv_pb2.BookRendezVousRequest(formation_id="f1", creneau_id="c1")

Script = Callable[[], Awaitable[None]]


async def do_nothing() -> None:
    """The script of a call that succeeds, and the ping of a store that answers."""


def failing(error: Exception) -> Script:
    async def script() -> None:
        raise error

    return script


@dataclass
class ScriptedRdv(rdv_pb2_grpc.RdvServicer):
    """Runs the script in every call, then answers with an empty message."""

    script: Script = do_nothing
    calls: list[str] = field(default_factory=list)

    @override
    async def ListCreneaux(
        self, request: rdv_pb2.ListCreneauxRequest, context: object
    ) -> rdv_pb2.ListCreneauxResponse:
        await self._run("ListCreneaux")
        return rdv_pb2.ListCreneauxResponse()

    @override
    async def BookRendezVous(
        self, request: rdv_pb2.BookRendezVousRequest, context: object
    ) -> rdv_pb2.BookRendezVousResponse:
        await self._run("BookRendezVous")
        return rdv_pb2.BookRendezVousResponse()

    async def _run(self, method: str) -> None:
        self.calls.append(method)
        await self.script()


@asynccontextmanager
async def serving(
    rdv: ScriptedRdv, ping: Script = do_nothing, address: str = "127.0.0.1:0", grace_s: float = 1.0
) -> AsyncIterator[str]:
    """The address of a server of this servicer."""

    def add(server: grpc.aio.Server) -> None:
        rdv_pb2_grpc.add_RdvServicer_to_server(rdv, server)

    async with running_server(SERVICE_NAME, add, ping, address, grace_s) as port:
        yield f"127.0.0.1:{port}"


@asynccontextmanager
async def client_of(address: str) -> AsyncIterator[rdv_pb2_grpc.RdvAsyncStub]:
    async with open_channel(address, SERVICE) as channel:
        yield rdv_pb2_grpc.RdvStub(channel)
