"""The probes of the gateway, with the state of each source, and its metrics."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.upstream.clients import Clients

CLIENTS = web.AppKey("clients", Clients)
OBSERVED = web.AppKey("observed", web.Application)
"""The application that the internal port tells about."""
STARTING = "starting"
REACHED = web.AppKey("reached", set[str])
"""Names of the services that have answered at least once."""

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable that turns on the multiprocess mode of prometheus_client.

https://prometheus.github.io/client_python/multiprocess/
"""


async def health(_: web.Request) -> web.Response:
    return web.json_response({"status": "alive"})


async def ready(request: web.Request) -> web.Response:
    """200 once every service was reached.

    A service that goes away later makes the status "degraded" and not 503: the other sources still answer.
    Which one it is, is told on the internal port only.
    """
    status, _ = await _states(request.app)
    return _readiness(status, {"status": status})


async def ready_in_detail(request: web.Request) -> web.Response:
    """The same, with the state of each source."""
    status, sources = await _states(request.app[OBSERVED])
    return _readiness(status, {"status": status, "sources": sources})


async def _states(app: web.Application) -> tuple[str, dict[str, str]]:
    clients, reached = app[CLIENTS], app[REACHED]
    serving = await asyncio.gather(*(client.is_serving() for client in clients.all))
    states = {client.name: ok for client, ok in zip(clients.all, serving, strict=True)}
    reached |= {name for name, ok in states.items() if ok}
    status = "ready" if all(states.values()) else "degraded"
    if len(reached) < len(states):
        status = STARTING
    return status, {name: "SERVING" if ok else "NOT_SERVING" for name, ok in states.items()}


def _readiness(status: str, body: dict[str, object]) -> web.Response:
    return web.json_response(body, status=503 if status == STARTING else 200)


async def metrics(_: web.Request) -> web.Response:
    """The metrics of all workers together, whichever worker answers."""
    registry, folder = REGISTRY, _metrics_folder()
    if folder:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]  # the library has no types
    return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _metrics_folder() -> Path | None:
    """The folder where workers write their metrics; None when there is one process only."""
    folder = os.environ.get(METRICS_FOLDER)
    return Path(folder) if folder else None
