"""Starts the gateway: `python -m gateway`."""

from __future__ import annotations

import asyncio
import signal
import sys

import structlog
from aiohttp import web

from gateway.app import create_app, create_internal_app, runner_of
from gateway.settings import Settings
from gateway.workers import Lifeline, WorkersFailed, supervise
from services.common.collector import tune_collector
from services.common.log import configure_logging
from services.common.settings import load_settings


async def main() -> None:
    settings = load_settings(Settings)
    configure_logging("gateway", settings.log_level)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if settings.workers > 1 and settings.lifeline is None:
        try:
            await supervise(settings, stop)
        except WorkersFailed as error:
            sys.exit(f"gateway: {error}")
    else:
        await serve(settings, stop)


async def serve(settings: Settings, stop: asyncio.Event) -> None:
    """Answer until `stop`, or until the process that started this worker is gone."""
    app = create_app(settings)
    public = runner_of(app, settings)
    internal = web.AppRunner(create_internal_app(app), access_log=None)
    lifeline = Lifeline(settings.lifeline, stop) if settings.lifeline is not None else None
    for runner, name, port in (
        (public, "GATEWAY_PORT", settings.port),
        (internal, "GATEWAY_METRICS_PORT", settings.metrics_port),
    ):
        await runner.setup()
        site = web.TCPSite(runner, settings.host, port, reuse_port=True if lifeline else None)
        try:
            await site.start()
        except OSError as error:
            await public.cleanup()
            sys.exit(f"{name}: can't listen on {settings.host}:{port}: {error.strerror or error}")
    if lifeline:
        lifeline.report_serving()
    tune_collector()
    log = structlog.get_logger(__name__)
    log.info("serving", address=settings.host, port=settings.port)
    await stop.wait()
    log.info("stopping")
    await public.cleanup()
    await internal.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
