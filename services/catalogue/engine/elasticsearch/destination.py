"""Publishes an import to Elasticsearch: builds two new indexes, then swaps the aliases to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from elasticsearch import ApiError, NotFoundError

from services.catalogue.engine.elasticsearch.client import check_version, elasticsearch_call, open_client
from services.catalogue.engine.elasticsearch.generation import Meta, read_meta, split_tables
from services.catalogue.engine.elasticsearch.index import create_index, fill_index, finish_index
from services.catalogue.engine.elasticsearch.lock import import_lock
from services.catalogue.engine.elasticsearch.mapping import (
    FORMATIONS_MAPPING,
    TABLES_MAPPING,
    Generation,
    Names,
    formation_document,
)
from services.catalogue.importing.destination import Edition, Manifest, NothingToRollBack
from services.catalogue.live import Unreadable
from services.catalogue.settings import ElasticsearchSettings
from services.common.errors import UpstreamUnavailable
from services.common.report import ImportConsole

HEARTBEAT_S = 2.0
"""Seconds between two heartbeats of a running import."""

_CALL_S = 30.0
_BUILD_S = 4 * 3_600.0

_Action = Mapping[str, object]


class ElasticsearchDestination:
    """The indexes under the prefix of the settings."""

    def __init__(self, settings: ElasticsearchSettings, heartbeat_s: float = HEARTBEAT_S) -> None:
        self._client = open_client(settings).options(request_timeout=_CALL_S)
        self._names = Names(settings.elasticsearch_prefix)
        self._replicas = settings.elasticsearch_replicas
        self._heartbeat_s = heartbeat_s

    async def live(self) -> Manifest | None:
        """The manifest that is served; None when there is none, or when this version can't read it."""
        async with _import_call(_CALL_S):
            await check_version(self._client)
            served = await self._indexes_of(self._names.live)
            try:
                return (await read_meta(self._client, max(served[0]))).manifest if served[0] else None
            except Unreadable:
                return None

    async def publish(self, edition: Edition, console: ImportConsole) -> None:
        """Build new indexes, then swap the aliases. Also remove the indexes that killed imports left."""
        async with _import_call(_CALL_S):
            await check_version(self._client)
        async with import_lock(self._client, self._names.lock, self._heartbeat_s) as lock:
            await self._remove_abandoned()
            generation = self._names.new_generation(datetime.now(UTC))
            try:
                await self._build(generation, edition, console)
                await lock.check()
            except BaseException:
                with suppress(UpstreamUnavailable, TimeoutError):
                    await self._remove(list(generation))
                raise
            # When this fails, the swap may be done or not. The new indexes stay; the next import removes
            # them if no alias points to them.
            await self._swap(generation)
            # A failure is harmless: the next import removes the remaining indexes.
            with suppress(UpstreamUnavailable, TimeoutError):
                await self._remove_abandoned()

    async def rollback(self) -> Manifest:
        """Exchange the live and the previous generation. Raises NothingToRollBack."""
        async with import_lock(self._client, self._names.lock, self._heartbeat_s):
            async with _import_call(_CALL_S):
                formations, _ = await self._indexes_of(self._names.previous)
                if not formations:
                    raise NothingToRollBack("Elasticsearch holds no previous generation")
                try:
                    meta = await read_meta(self._client, max(formations))
                except Unreadable as error:
                    raise NothingToRollBack(f"the previous generation can't be served: {error}") from error
            await self._swap(self._names.generation_of(max(formations)))
            return meta.manifest

    async def close(self) -> None:
        await self._client.close()

    async def _build(self, generation: Generation, edition: Edition, console: ImportConsole) -> None:
        client, count = self._client, len(edition.formations)
        parts = split_tables(edition.tables)
        meta = Meta(edition.manifest, len(parts))
        async with _import_call(_BUILD_S):
            await create_index(client, generation.formations, FORMATIONS_MAPPING, meta)
            await create_index(client, generation.tables, TABLES_MAPPING, meta)
            table_parts = ((str(number), {"part": part}) for number, part in enumerate(parts))
            await fill_index(client, generation.tables, table_parts)
            rows = console.track(edition.formations, "elasticsearch", count)
            documents = ((each.formation.id, formation_document(each)) for each in rows)
            await fill_index(client, generation.formations, documents)
            await finish_index(client, generation.tables, len(parts), self._replicas)
            await finish_index(client, generation.formations, count, self._replicas)

    async def _swap(self, generation: Generation) -> None:
        """Make this generation live and the live one previous, in one atomic request.

        See https://www.elastic.co/guide/en/elasticsearch/reference/8.19/aliases.html
        """
        actions: list[_Action] = []
        async with _import_call(_CALL_S):
            live = await self._indexes_of(self._names.live)
            previous = await self._indexes_of(self._names.previous)
            for index, live_alias, previous_alias, were_live, were_previous in zip(
                generation, self._names.live, self._names.previous, live, previous, strict=True
            ):
                actions += [_remove(each, previous_alias) for each in were_previous]
                actions += [_remove(each, live_alias) for each in were_live]
                actions += [_add(each, previous_alias) for each in were_live if each != index]
                actions.append(_add(index, live_alias))
            await self._client.indices.update_aliases(actions=actions)

    async def _indexes_of(self, aliases: Generation) -> list[list[str]]:
        """The indexes behind each of the two aliases."""
        return [await self._indexes_behind(alias) for alias in aliases]

    async def _indexes_behind(self, alias: str) -> list[str]:
        try:
            return list((await self._client.indices.get_alias(name=alias)).body)
        except NotFoundError:
            return []

    async def _remove_abandoned(self) -> None:
        """Delete our indexes that no alias points to: those of killed imports and of old generations."""
        async with _import_call(_CALL_S):
            patterns = [f"{alias}-*" for alias in self._names.live]
            found = (await self._client.indices.get_alias(index=patterns)).body
        await self._remove([name for name in self._names.owned(list(found)) if not found[name]["aliases"]])

    async def _remove(self, indexes: list[str]) -> None:
        if indexes:
            async with _import_call(_CALL_S):
                await self._client.indices.delete(index=indexes, ignore_unavailable=True)


@asynccontextmanager
async def _import_call(at_most_s: float) -> AsyncIterator[None]:
    """As `elasticsearch_call`, but every refusal (such as too many indexes) raises UpstreamUnavailable."""
    try:
        async with elasticsearch_call(at_most_s):
            yield
    except ApiError as error:
        raise UpstreamUnavailable(f"Elasticsearch refuse : {error}") from error


def _add(index: str, alias: str) -> _Action:
    return {"add": {"index": index, "alias": alias}}


def _remove(index: str, alias: str) -> _Action:
    # The client retries a request whose answer was lost, so the alias may be removed already.
    return {"remove": {"index": index, "alias": alias, "must_exist": False}}
