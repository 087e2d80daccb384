"""A service of the contract of rdv, in a process of its own that `test_serve.py` starts."""

from __future__ import annotations

import asyncio

from pydantic_settings import SettingsConfigDict

from protos import rdv_pb2_grpc
from services.common.log import configure_logging
from services.common.server import serve
from services.common.settings import ServiceSettings, load_settings
from tests.support.common.scripted import SERVICE_NAME, ScriptedRdv, do_nothing


class Settings(ServiceSettings):
    """Nothing but what every service has."""

    model_config = SettingsConfigDict(env_prefix="ESSAI_")


async def main(settings: Settings) -> None:
    await serve(
        SERVICE_NAME,
        lambda server: rdv_pb2_grpc.add_RdvServicer_to_server(ScriptedRdv(), server),
        do_nothing,
        settings,
    )


if __name__ == "__main__":
    settings = load_settings(Settings)
    configure_logging("essai", settings.log_level)
    asyncio.run(main(settings))
