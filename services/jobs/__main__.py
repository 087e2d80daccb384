"""Starts the jobs service: `python -m services.jobs`."""

from __future__ import annotations

import asyncio
import sys

from protos import jobs_pb2_grpc
from services.common.generation import StateUnreadable
from services.common.log import configure_logging
from services.common.server import serve
from services.common.settings import load_settings
from services.jobs.servicer import SERVICE_NAME, JobsServicer
from services.jobs.settings import Settings
from services.jobs.state import read_state
from services.jobs.store import open_store


async def main() -> None:
    settings = load_settings(Settings)
    configure_logging("jobs", settings.log_level)
    try:
        communes = read_state(settings.state)
    except StateUnreadable as error:
        sys.exit(f"JOBS_STATE: {error}")
    async with open_store(settings, communes) as store:
        servicer = JobsServicer(store, communes, settings)
        await serve(
            SERVICE_NAME,
            lambda server: jobs_pb2_grpc.add_JobsServicer_to_server(servicer, server),
            store.ping,
            settings,
        )


if __name__ == "__main__":
    asyncio.run(main())
