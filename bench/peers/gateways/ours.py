"""Our gateway, with the typical query's schema in place of its own.

PORT=8000 BACKEND=127.0.0.1:5000 GATEWAY_WIRE=false python -m bench.peers.gateways.ours
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from bench.typical.ours import schema
from gateway.app import VIEW, create_app
from gateway.context import Context
from gateway.cursors import CursorSigner
from gateway.edge.health import CLIENTS
from gateway.edge.view import View
from gateway.execution import wire
from gateway.memory import settle
from gateway.settings import Settings
from gateway.upstream.loaders import Loaders
from gateway.upstream.referentiel import Referentiel
from protos import catalogue_pb2, prediction_pb2
from protos.services import CATALOGUE, PREDICTION, SERVICES
from services.common.log import configure_logging


@dataclass(kw_only=True)
class TypicalContext(Context):
    """What the gateway gives to every request, and the two calls."""

    numbers: Iterator[int]
    """Makes every call another one: the client makes identical calls in flight only once, and every
    peer is to make two for each request.
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
    settings = Settings(cursor_secret=SecretStr("a secret of a benchmark"), **addresses)
    if settings.wire and wire.load() is None:
        sys.exit("its compiled part is not built: python -m gateway.execution.wire.build")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(_app(settings), access_log=None, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"])).start()
    settle()
    await stop.wait()
    await runner.cleanup()


def _app(settings: Settings) -> web.Application:
    """The gateway's own, whose view then gets another schema and another context."""
    app = create_app(settings)
    typical = schema()

    async def replace_view(app: web.Application) -> AsyncIterator[None]:
        clients = app[CLIENTS]
        cursors = CursorSigner(settings.cursor_secret.get_secret_value())
        referentiel = Referentiel(clients)
        numbers = itertools.count()

        def new_context(authorization: str) -> Context:
            loaders = Loaders(clients)
            return TypicalContext(clients, cursors, referentiel, loaders, authorization, numbers=numbers)

        app[VIEW] = View(typical, new_context, budget_s=settings.budget_s, ide_page="")
        yield

    app.cleanup_ctx.append(replace_view)
    return app


if __name__ == "__main__":
    asyncio.run(main())
