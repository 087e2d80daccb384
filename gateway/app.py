"""The HTTP application: routes, and what is opened at start and closed at stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.context import Context
from gateway.cursors import CursorSigner
from gateway.edge.view import View
from gateway.execution.limits import Limits
from gateway.schema import build_schema
from gateway.settings import Settings
from gateway.upstream.clients import Clients, open_clients
from gateway.upstream.loaders import Loaders
from gateway.upstream.referentiel import Referentiel
from gateway.workers import metrics_folder

WEB = Path(__file__).parent / "web"
CLIENTS = web.AppKey("clients", Clients)
VIEW = web.AppKey("view", View)
REACHED = web.AppKey("reached", set[str])

_ASSETS = {".js": "text/javascript", ".css": "text/css"}
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "authorization, content-type, x-request-id",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Max-Age": "86400",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_app(settings: Settings) -> web.Application:
    """The application; its clients are opened when it starts, for gRPC wants the running loop."""
    app = web.Application(client_max_size=settings.max_body_bytes, middlewares=[_allow_any_origin])
    app.cleanup_ctx.append(_opened(settings))
    app[REACHED] = set()
    app.add_routes(
        [
            web.get("/", _index),
            web.get("/health", _health),
            web.get("/ready", _ready),
            web.get("/metrics", _metrics),
            web.get(r"/graphiql/{name:[a-z.-]+\.(?:js|css)}", _asset),
            web.route("*", "/graphql", _graphql),
        ]
    )
    return app


def _opened(settings: Settings) -> Callable[[web.Application], AsyncIterator[None]]:
    async def opened(app: web.Application) -> AsyncIterator[None]:
        clients = open_clients(settings)
        limits = Limits(
            settings.max_depth, settings.max_aliases, settings.max_tokens, settings.max_selections
        )
        schema = build_schema(limits, plans=settings.plans)
        cursors = CursorSigner(settings.cursor_secret.get_secret_value())
        referentiel = Referentiel(clients)

        def new_context(authorization: str) -> Context:
            return Context(clients, cursors, referentiel, Loaders(clients), authorization)

        ide_page = (WEB / "graphiql.html").read_text(encoding="utf-8")
        app[CLIENTS] = clients
        app[VIEW] = View(schema, new_context, budget_s=settings.budget_s, ide_page=ide_page)
        yield
        await clients.close()

    return opened


async def _graphql(request: web.Request) -> web.StreamResponse:
    if request.method == "OPTIONS":
        return web.Response(status=204)
    return await request.app[VIEW](request)


async def _index(_: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/graphql")


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"status": "alive"})


async def _ready(request: web.Request) -> web.Response:
    """200 once every service was reached; later on a service that is away makes the answer "degraded",
    not the gateway unready: the other sources still answer.
    """
    clients, reached = request.app[CLIENTS], request.app[REACHED]
    serving = await asyncio.gather(*(client.is_serving() for client in clients.all))
    states = {client.name: ok for client, ok in zip(clients.all, serving, strict=True)}
    reached |= {name for name, ok in states.items() if ok}
    status = "ready" if all(states.values()) else "degraded"
    if len(reached) < len(states):
        status = "starting"
    sources = {name: "SERVING" if ok else "NOT_SERVING" for name, ok in states.items()}
    return web.json_response(
        {"status": status, "sources": sources}, status=503 if status == "starting" else 200
    )


async def _metrics(_: web.Request) -> web.Response:
    """Of all workers together, whichever of them is asked."""
    registry, folder = REGISTRY, metrics_folder()
    if folder:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]  # the library has no types
    return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _asset(request: web.Request) -> web.Response:
    """A file of GraphiQL, kept compressed: every browser takes gzip."""
    name = request.match_info["name"]
    path = WEB / "graphiql" / f"{name}.gz"
    if not path.is_file():
        raise web.HTTPNotFound
    return web.Response(
        body=path.read_bytes(),
        content_type=_ASSETS[Path(name).suffix],
        charset="utf-8",
        headers={"Content-Encoding": "gzip", "Cache-Control": "public, max-age=86400"},
    )


@web.middleware
async def _allow_any_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The API is public and knows no cookie: any page may call it."""
    response = await handler(request)
    response.headers.update(_CORS)
    return response
