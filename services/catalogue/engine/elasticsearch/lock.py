"""A lock in the Elasticsearch cluster that lets one import run at a time, from any machine."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from elasticsearch import AsyncElasticsearch, BadRequestError, ConflictError, NotFoundError

from services.catalogue.engine.elasticsearch.client import elasticsearch_call
from services.common.errors import UpstreamUnavailable

log = structlog.get_logger(__name__)

_ID = "import"
_CALL_S = 20.0
_MISSED_HEARTBEATS = 5
_SETTINGS = {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
_MAPPING = {"dynamic": "strict", "properties": {"owner": {"type": "keyword"}, "beat": {"type": "long"}}}


@asynccontextmanager
async def import_lock(
    client: AsyncElasticsearch, index: str, heartbeat_s: float
) -> AsyncIterator[ImportLock]:
    """Hold the lock during the block; first waits for a running import to end."""
    lock = ImportLock(client, index, heartbeat_s)
    await lock.acquire()
    renewal = asyncio.create_task(lock.renew())
    try:
        yield lock
    finally:
        lock.stopped.set()
        await renewal
        await lock.release()


class ImportLock:
    """A document that its owner rewrites at each heartbeat; without heartbeats another import takes it.

    A waiting import measures with its own clock how long the document has not changed, so the clocks of
    the machines need not agree. Writes use optimistic concurrency control:
    https://www.elastic.co/guide/en/elasticsearch/reference/8.19/optimistic-concurrency-control.html
    """

    def __init__(self, client: AsyncElasticsearch, index: str, heartbeat_s: float) -> None:
        self._client = client
        self._index = index
        self._heartbeat_s = heartbeat_s
        self._owner = uuid.uuid4().hex
        self._heartbeats = 0
        self._version: tuple[int, int] | None = None
        """Sequence number and primary term of our last write; None when we don't hold the lock."""
        self._writing = asyncio.Lock()
        self.stopped = asyncio.Event()

    async def acquire(self) -> None:
        async with elasticsearch_call(_CALL_S):
            await self._ensure_index()
        seen: tuple[int, int] | None = None
        since = time.monotonic()
        while True:
            async with elasticsearch_call(_CALL_S):
                # Write before reading: a write waits until a new index is ready, a read does not.
                if await self._write(None):
                    return
                state = await self._current_version()
                if seen is None:
                    log.warning("another import runs, or was killed: waiting for it", index=self._index)
                if state != seen:
                    seen, since = state, time.monotonic()
                elif time.monotonic() - since > self._expiry_s() and await self._write(state):
                    return
            await asyncio.sleep(self._heartbeat_s / 2)

    def _expiry_s(self) -> float:
        return _MISSED_HEARTBEATS * self._heartbeat_s

    async def renew(self) -> None:
        """Send heartbeats until `stopped` is set, or until another import has taken the lock."""
        while self._version is not None and not self.stopped.is_set():
            # An event ends the loop, not a cancellation: a cancelled write leaves its result unknown.
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopped.wait(), self._heartbeat_s)
                return
            # The next heartbeat makes up for a failed one. The requests of the import report the failure.
            with suppress(UpstreamUnavailable, TimeoutError):
                await self._send_heartbeat()

    async def check(self) -> None:
        """Raise UpstreamUnavailable when another import has taken the lock."""
        await self._send_heartbeat()
        if self._version is None:
            raise UpstreamUnavailable("another import took this one for dead, and goes on in its place")

    async def release(self) -> None:
        if self._version is None:
            return
        number, term = self._version
        # A failure only delays the next import, which takes the lock after a few missed heartbeats.
        with suppress(UpstreamUnavailable, TimeoutError):
            async with elasticsearch_call(_CALL_S):
                with suppress(ConflictError, NotFoundError):
                    await self._client.delete(
                        index=self._index, id=_ID, if_seq_no=number, if_primary_term=term
                    )

    async def _send_heartbeat(self) -> None:
        async with self._writing:
            if self._version is not None:
                async with elasticsearch_call(_CALL_S):
                    await self._write(self._version)

    async def _ensure_index(self) -> None:
        try:
            await self._client.indices.create(index=self._index, settings=_SETTINGS, mappings=_MAPPING)
        except BadRequestError as error:
            if error.message != "resource_already_exists_exception":
                raise

    async def _current_version(self) -> tuple[int, int] | None:
        """Sequence number and primary term of the stored document; None when there is none."""
        found = await self._read()
        return None if found is None else (found["_seq_no"], found["_primary_term"])

    async def _read(self) -> Mapping[str, Any] | None:
        try:
            return dict(await self._client.get(index=self._index, id=_ID))
        except NotFoundError:
            return None

    async def _write(self, replacing: tuple[int, int] | None) -> bool:
        """Write our document over that version, or create it; False when another import was faster."""
        self._heartbeats += 1
        document = {"owner": self._owner, "beat": self._heartbeats}
        written: Mapping[str, Any] | None
        try:
            if replacing is None:
                written = dict(await self._client.create(index=self._index, id=_ID, document=document))
            else:
                number, term = replacing
                written = dict(
                    await self._client.index(
                        index=self._index, id=_ID, document=document, if_seq_no=number, if_primary_term=term
                    )
                )
        except ConflictError:
            # The client retries a request whose answer was lost, so the conflict may be with our own write.
            found = await self._read()
            written = found if found is not None and found["_source"] == document else None
        self._version = None if written is None else (written["_seq_no"], written["_primary_term"])
        return self._version is not None
