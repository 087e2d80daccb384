"""Starts the matcha service: `python -m services.matcha`."""

from __future__ import annotations

import asyncio

from protos import matcha_pb2, matcha_pb2_grpc
from services.common.log import configure_logging
from services.common.mongo import open_database
from services.common.server import serve
from services.common.settings import load_settings
from services.matcha.limits import Limits
from services.matcha.renewal import renew_for_ever
from services.matcha.rights import Recruteurs
from services.matcha.servicer import MatchaServicer
from services.matcha.settings import Settings
from services.matcha.store import BesoinStore

SERVICE_NAME = matcha_pb2.DESCRIPTOR.services_by_name["Matcha"].full_name


async def main(settings: Settings) -> None:
    async with open_database(settings.mongodb_url.get_secret_value(), settings.mongodb_database) as database:
        store = BesoinStore(database)
        recruteurs = Recruteurs(settings.token_secret.get_secret_value())
        limits = Limits(settings.caller_per_day, settings.caller_per_entreprise)
        servicer = MatchaServicer(store, recruteurs, limits)
        renewal = asyncio.create_task(renew_for_ever(store))
        await serve(
            SERVICE_NAME,
            lambda server: matcha_pb2_grpc.add_MatchaServicer_to_server(servicer, server),
            store.ping,
            settings,
        )
        renewal.cancel()


if __name__ == "__main__":
    settings = load_settings(Settings)
    configure_logging("matcha", settings.log_level)
    asyncio.run(main(settings))
