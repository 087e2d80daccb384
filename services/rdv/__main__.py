"""Starts the rdv service: `python -m services.rdv`."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from protos import rdv_pb2, rdv_pb2_grpc
from services.common.log import configure_logging
from services.common.mongo import open_database
from services.common.server import serve
from services.common.settings import load_settings
from services.rdv.limits import Limits
from services.rdv.servicer import RdvServicer
from services.rdv.settings import Settings
from services.rdv.store import RendezVousStore

SERVICE_NAME = rdv_pb2.DESCRIPTOR.services_by_name["Rdv"].full_name


async def main(settings: Settings) -> None:
    async with open_database(settings.mongodb_url.get_secret_value(), settings.mongodb_database) as database:
        store = RendezVousStore(database)
        limits = Limits(
            caller_per_hour=settings.caller_per_hour,
            caller_per_day=settings.caller_per_day,
            caller_per_centre=settings.caller_per_centre,
            candidat_at_once=settings.candidat_at_once,
            candidat_per_day=settings.candidat_per_day,
            centre_percent_per_day=settings.centre_percent_per_day,
            centre_at_least=settings.centre_at_least,
        )
        servicer = RdvServicer(store, timedelta(hours=settings.lead_hours), limits)
        await serve(
            SERVICE_NAME,
            lambda server: rdv_pb2_grpc.add_RdvServicer_to_server(servicer, server),
            store.ping,
            settings,
        )


if __name__ == "__main__":
    settings = load_settings(Settings)
    configure_logging("rdv", settings.log_level)
    asyncio.run(main(settings))
