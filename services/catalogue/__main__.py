"""Start the catalogue: `python -m services.catalogue`."""

from __future__ import annotations

import asyncio

from protos import catalogue_pb2, catalogue_pb2_grpc
from services.catalogue.catalogue import LiveCatalogue
from services.catalogue.servicer import CatalogueServicer
from services.catalogue.settings import Settings
from services.catalogue.tantivy_store import TantivyFormationStore
from services.common.log import configure_logging
from services.common.server import serve
from services.common.settings import load_settings


async def main() -> None:
    settings = load_settings(Settings)
    configure_logging("catalogue", settings.log_level)
    catalogue = LiveCatalogue(settings.state, TantivyFormationStore.open)
    servicer = CatalogueServicer(catalogue)
    await serve(
        catalogue_pb2.DESCRIPTOR.services_by_name["Catalogue"].full_name,
        lambda server: catalogue_pb2_grpc.add_CatalogueServicer_to_server(servicer, server),
        catalogue.ping,
        settings,
    )


if __name__ == "__main__":
    asyncio.run(main())
