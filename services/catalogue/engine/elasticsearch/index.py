"""One new index in Elasticsearch: made, filled, and finished, before anybody reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import structlog
from elasticsearch import AsyncElasticsearch, AuthorizationException
from elasticsearch.helpers import BulkIndexError, async_streaming_bulk

from services.catalogue.engine.elasticsearch.generation import Meta
from services.common.errors import UpstreamUnavailable

log = structlog.get_logger(__name__)

_BULK_S = 60.0
_BULK_ROWS = 1_000
MAX_BODY_BYTES = 1_000_000
"""Of one request: aiohttp warns that larger ones hold up everything else."""
_MERGE_S = 1_800.0
"""Merging a million trainings takes minutes on a small server."""
_COPY_S = 60


async def create_index(
    client: AsyncElasticsearch, index: str, mapping: Mapping[str, object], meta: Meta
) -> None:
    # Copies are made once, of what is complete; and nothing is to be found before.
    settings = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"}
    await client.indices.create(index=index, settings=settings, mappings={**mapping, "_meta": meta})


async def fill_index(
    client: AsyncElasticsearch, index: str, documents: Iterable[tuple[str, Mapping[str, object]]]
) -> None:
    """Put each document under its id. Raises UpstreamUnavailable when one is refused."""
    client = client.options(request_timeout=_BULK_S)
    actions = ({"_index": index, "_id": name, "_source": fields} for name, fields in documents)
    sent = async_streaming_bulk(
        client, actions, chunk_size=_BULK_ROWS, max_chunk_bytes=MAX_BODY_BYTES, max_retries=3
    )
    try:
        async for _ in sent:
            pass
    except BulkIndexError as error:
        raise UpstreamUnavailable(f"Elasticsearch refuse des lignes : {error.errors[0]}") from error
    await client.indices.refresh(index=index)


async def finish_index(client: AsyncElasticsearch, index: str, rows: int, replicas: int) -> None:
    """Make it as it is to be served. Raises UpstreamUnavailable when rows are missing."""
    counted = (await client.count(index=index))["count"]
    if counted != rows:
        raise UpstreamUnavailable(f"Elasticsearch a gardé {counted} lignes sur {rows}")
    # It will not change any more: one segment is the quickest to search.
    await client.options(request_timeout=_MERGE_S).indices.forcemerge(index=index, max_num_segments=1)
    settings = {"auto_expand_replicas": f"0-{replicas}", "blocks.write": True}
    await client.indices.put_settings(index=index, settings=settings)
    await _wait_for_copies(client, index)
    await client.indices.refresh(index=index)


async def _wait_for_copies(client: AsyncElasticsearch, index: str) -> None:
    try:
        health = await client.options(request_timeout=2 * _COPY_S).cluster.health(
            index=index, wait_for_status="green", wait_for_no_initializing_shards=True, timeout=f"{_COPY_S}s"
        )
    except AuthorizationException:
        # The right to write indexes goes without that of looking at the cluster.
        return
    if health["timed_out"]:
        log.warning("the copies of an index are not ready, it is served without them", index=index)
