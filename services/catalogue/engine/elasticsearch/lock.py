"""One import at a time in an Elasticsearch cluster, whatever machine it runs on."""

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
_MISSED_BEATS = 5
_SETTINGS = {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
_MAPPING = {"dynamic": "strict", "properties": {"owner": {"type": "keyword"}, "beat": {"type": "long"}}}


@asynccontextmanager
async def import_lock(client: AsyncElasticsearch, index: str, beat_s: float) -> AsyncIterator[ImportLock]:
    """Hold the lock for the block; waits while another import is alive."""
    lock = ImportLock(client, index, beat_s)
    await lock.take()
    beating = asyncio.create_task(lock.keep())
    try:
        yield lock
    finally:
        lock.over.set()
        await beating
        await lock.release()


class ImportLock:
    """A document that its owner changes at each beat: one that no longer changes is a dead import's.

    No clock is compared with another machine's: who waits sees for itself how long nothing changed.
    """

    def __init__(self, client: AsyncElasticsearch, index: str, beat_s: float) -> None:
        self._client = client
        self._index = index
        self._beat_s = beat_s
        self._owner = uuid.uuid4().hex
        self._beats = 0
        self._held: tuple[int, int] | None = None
        """Sequence number and term of the document as we wrote it last."""
        self._writing = asyncio.Lock()
        self.over = asyncio.Event()

    async def take(self) -> None:
        async with elasticsearch_call(_CALL_S):
            await self._ensure_index()
        seen: tuple[int, int] | None = None
        since = time.monotonic()
        while True:
            async with elasticsearch_call(_CALL_S):
                # First, as a write waits for an index that was made just now, which a read does not.
                if await self._write(None):
                    return
                state = await self._state()
                if seen is None:
                    log.warning("another import runs, or was killed: waiting for it", index=self._index)
                if state != seen:
                    seen, since = state, time.monotonic()
                elif time.monotonic() - since > _MISSED_BEATS * self._beat_s and await self._write(state):
                    return
            await asyncio.sleep(self._beat_s / 2)

    async def keep(self) -> None:
        """Beat until `over`, or until another import took the lock for dead."""
        while self._held is not None and not self.over.is_set():
            # Not cancelled: what a beat cut short had written would not be known.
            with suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), self._beat_s)
                return
            # A beat that is missed is made good by the next; the import itself sees what is wrong.
            with suppress(UpstreamUnavailable, TimeoutError):
                await self._beat()

    async def check(self) -> None:
        """Raise UpstreamUnavailable when the lock is not ours any more."""
        await self._beat()
        if self._held is None:
            raise UpstreamUnavailable("another import took this one for dead, and goes on in its place")

    async def release(self) -> None:
        if self._held is None:
            return
        number, term = self._held
        # Whatever goes wrong here, the next import waits for a few beats, and takes it.
        with suppress(UpstreamUnavailable, TimeoutError):
            async with elasticsearch_call(_CALL_S):
                with suppress(ConflictError, NotFoundError):
                    await self._client.delete(
                        index=self._index, id=_ID, if_seq_no=number, if_primary_term=term
                    )

    async def _beat(self) -> None:
        async with self._writing:
            if self._held is not None:
                async with elasticsearch_call(_CALL_S):
                    await self._write(self._held)

    async def _ensure_index(self) -> None:
        try:
            await self._client.indices.create(index=self._index, settings=_SETTINGS, mappings=_MAPPING)
        except BadRequestError as error:
            if error.message != "resource_already_exists_exception":
                raise

    async def _state(self) -> tuple[int, int] | None:
        """The document as it is now; None when there is none."""
        found = await self._found()
        return None if found is None else (found["_seq_no"], found["_primary_term"])

    async def _found(self) -> Mapping[str, Any] | None:
        try:
            return dict(await self._client.get(index=self._index, id=_ID))
        except NotFoundError:
            return None

    async def _write(self, replacing: tuple[int, int] | None) -> bool:
        """Write our document in place of that one, unless another was quicker."""
        self._beats += 1
        document = {"owner": self._owner, "beat": self._beats}
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
            # The client asks again when an answer is lost: it may be our own write that was quicker.
            found = await self._found()
            written = found if found is not None and found["_source"] == document else None
        self._held = None if written is None else (written["_seq_no"], written["_primary_term"])
        return self._held is not None
