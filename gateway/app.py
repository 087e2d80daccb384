"""The HTTP application: routes, and what is opened at start and closed at stop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from gateway.context import Context
from gateway.edge import health, pages
from gateway.edge.view import View
from gateway.execution.limits import Limits
from gateway.schema import build_schema
from gateway.settings import Settings
from gateway.upstream.clients import open_clients
from gateway.upstream.loaders import Loaders
from gateway.upstream.referentiel import Referentiel

VIEW = web.AppKey("view", View)

_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "authorization, content-type, x-request-id",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Max-Age": "86400",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_app(settings: Settings) -> web.Application:
    """The application. Its gRPC clients are opened when it starts, since they need the running event loop."""
    app = web.Application(client_max_size=settings.max_body_bytes, middlewares=[_allow_any_origin])
    app.cleanup_ctx.append(_lifespan(settings))
    app[health.REACHED] = set()
    app.add_routes(
        [
            web.get("/", pages.index),
            web.get("/health", health.health),
            web.get("/ready", health.ready),
            web.get("/metrics", health.metrics),
            web.get(r"/graphiql/{name:[a-z.-]+\.(?:js|css)}", pages.asset),
            web.route("*", "/graphql", _graphql),
        ]
    )
    return app


def _lifespan(settings: Settings) -> Callable[[web.Application], AsyncIterator[None]]:
    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        clients = open_clients(settings)
        limits = Limits(
            settings.max_depth,
            settings.max_aliases,
            settings.max_tokens,
            settings.max_selections,
            settings.max_cost,
        )
        schema = build_schema(limits, plans=settings.plans)
        referentiel = Referentiel(clients)

        def new_context(authorization: str) -> Context:
            return Context(clients, referentiel, Loaders(clients), authorization)

        app[health.CLIENTS] = clients
        app[VIEW] = View(schema, new_context, budget_s=settings.budget_s, ide_page=pages.graphiql_page())
        yield
        await clients.close()

    return lifespan


async def _graphql(request: web.Request) -> web.StreamResponse:
    if request.method == "OPTIONS":
        return web.Response(status=204)
    return await request.app[VIEW](request)


@web.middleware
async def _allow_any_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let pages of any origin call the API: it is public and uses no cookie."""
    response = await handler(request)
    response.headers.update(_CORS)
    return response
