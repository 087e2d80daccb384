"""Creates, fills and completes a new Elasticsearch index before any alias points to it."""

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
"""Limit of a request's body. aiohttp warns that a larger one may block the event loop."""
_MERGE_S = 1_800.0
"""Merging a million trainings takes minutes on a small server."""
_REPLICATION_S = 60


async def create_index(
    client: AsyncElasticsearch, index: str, mapping: Mapping[str, object], meta: Meta
) -> None:
    # No replica and no refresh while it fills: replicas are made once, from the complete index.
    settings = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"}
    await client.indices.create(index=index, settings=settings, mappings={**mapping, "_meta": meta})


async def fill_index(
    client: AsyncElasticsearch, index: str, documents: Iterable[tuple[str, Mapping[str, object]]]
) -> None:
    """Index the (id, document) pairs. Raises UpstreamUnavailable when the cluster rejects a document."""
    client = client.options(request_timeout=_BULK_S)
    actions = ({"_index": index, "_id": name, "_source": fields} for name, fields in documents)
    sent = async_streaming_bulk(
        client, actions, chunk_size=_BULK_ROWS, max_chunk_bytes=MAX_BODY_BYTES, max_retries=3
    )
    try:
        async for _ in sent:
            pass
    except BulkIndexError as error:
        raise UpstreamUnavailable(f"Elasticsearch refuse des lignes : {error.errors[0]}") from error
    await client.indices.refresh(index=index)


async def finish_index(client: AsyncElasticsearch, index: str, rows: int, replicas: int) -> None:
    """Merge, replicate and write-protect a filled index. Raises UpstreamUnavailable when rows are missing."""
    counted = (await client.count(index=index))["count"]
    if counted != rows:
        raise UpstreamUnavailable(f"Elasticsearch a gardé {counted} lignes sur {rows}")
    # The index does not change any more, and one segment is the fastest to search.
    await client.options(request_timeout=_MERGE_S).indices.forcemerge(index=index, max_num_segments=1)
    settings = {"auto_expand_replicas": f"0-{replicas}", "blocks.write": True}
    await client.indices.put_settings(index=index, settings=settings)
    await _wait_for_replicas(client, index)
    await client.indices.refresh(index=index)


async def _wait_for_replicas(client: AsyncElasticsearch, index: str) -> None:
    try:
        health = await client.options(request_timeout=2 * _REPLICATION_S).cluster.health(
            index=index,
            wait_for_status="green",
            wait_for_no_initializing_shards=True,
            timeout=f"{_REPLICATION_S}s",
        )
    except AuthorizationException:
        # The user may write indexes without the privilege to read the health of the cluster.
        return
    if health["timed_out"]:
        log.warning("the copies of an index are not ready, it is served without them", index=index)
