"""The HTTP application: routes, and what is opened at start and closed at stop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from aiohttp import web

from gateway.context import Context
from gateway.edge import health, pages
from gateway.edge.callers import Callers
from gateway.edge.connections import ConnectionLimits, Runner
from gateway.edge.fair_use import FairUse
from gateway.edge.gate import Gate, Places
from gateway.edge.headers import PREFLIGHT, set_headers
from gateway.edge.middleware import answer_within
from gateway.edge.view import Guard, View
from gateway.execution.limits import Limits
from gateway.schema import build_schema
from gateway.settings import Settings
from gateway.upstream.clients import Clients, open_clients
from gateway.upstream.loaders import Loaders
from gateway.upstream.referentiel import Referentiel

VIEW = web.AppKey("view", View)


def create_app(settings: Settings) -> web.Application:
    """The application. Its gRPC clients are opened when it starts, since they need the running event loop."""
    app = web.Application(
        client_max_size=settings.max_body_bytes, middlewares=[answer_within(settings.write_limit_s)]
    )
    app.on_response_prepare.append(set_headers)
    app.cleanup_ctx.append(_lifespan(settings))
    app[health.REACHED] = set()
    app.add_routes(
        [
            web.get("/", pages.index),
            web.get("/health", health.health),
            web.get("/ready", health.ready),
            web.get(r"/graphiql/{name:[a-z.-]+\.(?:js|css)}", pages.asset),
            web.route("*", "/graphql", _graphql),
        ]
    )
    return app


def create_internal_app(app: web.Application) -> web.Application:
    """What operators read about `app` on a port of their own: metrics, and the state of each source."""
    internal = web.Application()
    internal[health.OBSERVED] = app
    internal.add_routes(
        [
            web.get("/health", health.health),
            web.get("/ready", health.ready_in_detail),
            web.get("/metrics", health.metrics),
        ]
    )
    return internal


def runner_of(app: web.Application, settings: Settings) -> Runner:
    """What serves the application, once it is set up."""
    limits = ConnectionLimits(
        idle_s=settings.idle_limit_s,
        header_s=settings.header_limit_s,
        per_address=settings.max_connections_per_address,
        total=settings.max_connections,
    )
    return Runner(app, limits, _callers(settings), shutdown_timeout=settings.stop_grace_s)


def _callers(settings: Settings) -> Callers:
    secret = settings.caller_secret.get_secret_value() if settings.caller_secret else ""
    return Callers(secret, settings.api_keys, settings.trusted_proxies)


def guard_of(settings: Settings) -> Guard:
    """What decides whether a request is served now."""
    return Guard(
        callers=_callers(settings),
        fair_use=FairUse(settings.caller_points, settings.partner_points),
        gate=Gate(
            Places(settings.max_running, settings.max_waiting),
            Places(settings.max_running_per_caller, settings.max_waiting_per_caller),
            settings.max_wait_s,
        ),
        budget_s=settings.budget_s,
        body_limit_s=settings.body_limit_s,
        refusal_delay_s=settings.refusal_delay_s,
    )


def _lifespan(settings: Settings) -> Callable[[web.Application], AsyncIterator[None]]:
    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        clients = open_clients(settings)
        app[health.CLIENTS] = clients
        app[VIEW] = _view(settings, clients)
        yield
        await clients.close()

    return lifespan


def _view(settings: Settings, clients: Clients) -> View:
    limits = Limits(
        settings.max_depth,
        settings.max_aliases,
        settings.max_tokens,
        settings.max_selections,
        settings.max_cost,
    )
    referentiel = Referentiel(clients)

    def new_context(authorization: str, spend: Callable[[int], None]) -> Context:
        return Context(clients, referentiel, Loaders(clients), authorization, spend=spend)

    schema = build_schema(limits, plans=settings.plans)
    return View(schema, new_context, guard=guard_of(settings), ide_page=pages.graphiql_page())


async def _graphql(request: web.Request) -> web.StreamResponse:
    if request.method == "OPTIONS":
        return web.Response(status=204, headers=PREFLIGHT)
    return await request.app[VIEW](request)
