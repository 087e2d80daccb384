"""Finds and opens the live generation of the data in an Elasticsearch cluster."""

from __future__ import annotations

import asyncio

from elasticsearch import AsyncElasticsearch, NotFoundError

from services.catalogue.engine.elasticsearch.client import check_version, elasticsearch_call
from services.catalogue.engine.elasticsearch.generation import join_tables, read_meta, read_tables
from services.catalogue.engine.elasticsearch.mapping import Names
from services.catalogue.engine.elasticsearch.store import ElasticsearchFormationStore
from services.catalogue.live import Catalogue
from services.catalogue.settings import ElasticsearchSettings
from services.common.collector import build_frozen

_LOOKUP_S = 1.5
"""Shorter than the timeout of the health check, so that the check can report the reason of a failure."""

_READ_S = 60.0


class ElasticsearchSource:
    """The generation behind the aliases under the prefix."""

    def __init__(self, client: AsyncElasticsearch, settings: ElasticsearchSettings) -> None:
        self._client = client
        self._names = Names(settings.elasticsearch_prefix)
        self._search_s = settings.elasticsearch_timeout_s
        self._version_checked = False

    async def current_name(self) -> str | None:
        """The index of the trainings that are live."""
        async with elasticsearch_call(_LOOKUP_S):
            if not self._version_checked:
                await check_version(self._client)
                self._version_checked = True
            try:
                answer = await self._client.indices.get_alias(name=self._names.live.formations)
            except NotFoundError:
                return None
        # Only a manual change puts several indexes behind the alias; the newest is served.
        return str(max(answer.body))

    async def open(self, name: str) -> Catalogue:
        """Raises Unreadable."""
        async with elasticsearch_call(_READ_S):
            meta = await read_meta(self._client, name)
            parts = await read_tables(self._client, self._names.generation_of(name).tables, meta.parts)
        store = ElasticsearchFormationStore(self._client, name, self._names.live.formations, self._search_s)
        # In a thread, it does not block requests to the old generation.
        return await asyncio.to_thread(build_frozen, lambda: Catalogue(store, join_tables(parts)))
