"""Start the catalogue: `python -m services.catalogue`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from protos import catalogue_pb2, catalogue_pb2_grpc
from services.catalogue.engine.elasticsearch.client import elasticsearch_client
from services.catalogue.engine.elasticsearch.source import ElasticsearchSource
from services.catalogue.engine.tantivy.source import FolderSource
from services.catalogue.engine.tantivy.store import TantivyFormationStore
from services.catalogue.live import LiveCatalogue, Source
from services.catalogue.servicer import CatalogueServicer
from services.catalogue.settings import Settings
from services.common.log import configure_logging
from services.common.server import serve
from services.common.settings import load_settings


async def main() -> None:
    settings = load_settings(Settings)
    configure_logging("catalogue", settings.log_level)
    async with data_source(settings) as source:
        catalogue = LiveCatalogue(source)
        servicer = CatalogueServicer(catalogue)
        try:
            await serve(
                catalogue_pb2.DESCRIPTOR.services_by_name["Catalogue"].full_name,
                lambda server: catalogue_pb2_grpc.add_CatalogueServicer_to_server(servicer, server),
                catalogue.ping,
                settings,
            )
        finally:
            await catalogue.close()


@asynccontextmanager
async def data_source(settings: Settings) -> AsyncIterator[Source]:
    if settings.elasticsearch_hosts:
        async with elasticsearch_client(settings) as client:
            yield ElasticsearchSource(client, settings)
    elif settings.state is not None:
        yield FolderSource(settings.state, TantivyFormationStore.open)


if __name__ == "__main__":
    asyncio.run(main())
