"""Our gateway, with the schema of the typical query instead of its own.

PORT=8000 BACKEND=127.0.0.1:5000 GATEWAY_WIRE=false python -m bench.peers.gateways.ours
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bench.typical.ours import schema
from gateway.app import VIEW, create_app, guard_of
from gateway.context import Context
from gateway.edge.health import CLIENTS
from gateway.edge.view import View
from gateway.execution import wire
from gateway.settings import Settings
from gateway.upstream.loaders import Loaders
from gateway.upstream.referentiel import Referentiel
from protos import catalogue_pb2, prediction_pb2
from protos.services import CATALOGUE, PREDICTION, SERVICES
from services.common.collector import tune_collector
from services.common.log import configure_logging


@dataclass(kw_only=True)
class TypicalContext(Context):
    """The context of the gateway, with the two calls of the typical query."""

    numbers: Iterator[int]
    """Makes every call different. The client shares identical calls in flight, but each request must make two
    calls, as it does in the other peers.
    """

    async def formations(self) -> catalogue_pb2.SearchFormationsResponse:
        client = self.clients[CATALOGUE]
        request = catalogue_pb2.SearchFormationsRequest(romes=["D1102"], first=50, after=self._after())
        return await client.read(client.stub.SearchFormations, request)

    async def recruteurs(self) -> prediction_pb2.SearchRecruteursResponse:
        client = self.clients[PREDICTION]
        request = prediction_pb2.SearchRecruteursRequest(romes=["D1102"], first=100, after=self._after())
        return await client.read(client.stub.SearchRecruteurs, request)

    def _after(self) -> str:
        return str(next(self.numbers))


async def main() -> None:
    configure_logging("gateway", "error")
    backend = os.environ["BACKEND"]
    addresses: dict[str, Any] = {f"{each.name}_address": backend for each in SERVICES}
    settings = Settings(**addresses)
    if settings.wire and wire.load() is None:
        sys.exit("its compiled part is not built: python -m gateway.execution.wire.build")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(_app(settings), access_log=None, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"])).start()
    tune_collector()
    await stop.wait()
    await runner.cleanup()


def _app(settings: Settings) -> web.Application:
    """The application of the gateway, with its view replaced by one on the typical schema and context."""
    app = create_app(settings)
    typical = schema()

    async def replace_view(app: web.Application) -> AsyncIterator[None]:
        clients = app[CLIENTS]
        referentiel = Referentiel(clients)
        numbers = itertools.count()

        def new_context(authorization: str, spend: Callable[[int], None]) -> Context:
            loaders = Loaders(clients)
            return TypicalContext(clients, referentiel, loaders, authorization, spend=spend, numbers=numbers)

        app[VIEW] = View(typical, new_context, guard=guard_of(settings), ide_page="")
        yield

    app.cleanup_ctx.append(replace_view)
    return app


if __name__ == "__main__":
    asyncio.run(main())
