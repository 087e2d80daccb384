"""Plain strawberry on aiohttp with grpc.aio, written in the usual way.

PORT=8000 BACKEND=127.0.0.1:5000 python -m bench.peers.gateways.plain
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import grpc
from aiohttp import web
from strawberry.aiohttp.views import GraphQLView

from bench.typical.ours import Services
from bench.typical.plain import schema
from protos import catalogue_pb2, catalogue_pb2_grpc, prediction_pb2, prediction_pb2_grpc


class Calls:
    """The two calls, over one channel."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._catalogue = catalogue_pb2_grpc.CatalogueStub(channel)
        self._prediction = prediction_pb2_grpc.PredictionStub(channel)

    async def formations(self) -> catalogue_pb2.SearchFormationsResponse:
        return await self._catalogue.SearchFormations(
            catalogue_pb2.SearchFormationsRequest(romes=["D1102"], first=50)
        )

    async def recruteurs(self) -> prediction_pb2.SearchRecruteursResponse:
        return await self._prediction.SearchRecruteurs(
            prediction_pb2.SearchRecruteursRequest(romes=["D1102"], first=100)
        )


CALLS = web.AppKey("calls", Calls)


class View(GraphQLView[Services, None]):
    """Makes the calls the context of the resolvers."""

    async def get_context(self, request: web.Request, response: web.StreamResponse) -> Services:  # noqa: ARG002 - strawberry's signature
        return request.app[CALLS]


def create_app(backend: str) -> web.Application:
    app = web.Application()

    async def opened(app: web.Application) -> AsyncIterator[None]:
        async with grpc.aio.insecure_channel(backend) as channel:
            app[CALLS] = Calls(channel)
            yield

    app.cleanup_ctx.append(opened)
    app.router.add_route("*", "/graphql", View(schema=schema(caches=False), graphql_ide=None))
    return app


if __name__ == "__main__":
    web.run_app(
        create_app(os.environ["BACKEND"]),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        access_log=None,
        print=None,
    )
