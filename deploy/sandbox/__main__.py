"""Start the sandbox: `python -m deploy.sandbox`."""

from __future__ import annotations

import asyncio
import signal
import sys

import structlog

from deploy.sandbox.offres import read_state
from deploy.sandbox.server import Sandbox, running_sandbox
from deploy.sandbox.settings import Settings
from services.common.generation import StateUnreadable
from services.common.log import configure_logging
from services.common.settings import load_settings

log = structlog.get_logger(__name__)


async def main() -> None:
    settings = load_settings(Settings)
    configure_logging("sandbox", settings.log_level)
    try:
        offres = read_state(settings.state)
    except StateUnreadable as error:
        sys.exit(f"SANDBOX_STATE: {error}")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        async with running_sandbox(Sandbox(offres, settings), settings.host, settings.port) as port:
            log.info("serving", address=settings.host, port=port, offres=len(offres))
            await stop.wait()
            log.info("stopping")
    except OSError as error:
        sys.exit(f"SANDBOX_PORT: {error.strerror or error}")


if __name__ == "__main__":
    asyncio.run(main())
