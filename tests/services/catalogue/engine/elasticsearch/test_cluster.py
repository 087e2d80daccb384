from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from elasticsearch import AsyncElasticsearch

from deploy.local.engines.elasticsearch.server import ElasticsearchCluster
from services.catalogue.criteria import FormationCriteria, PageWanted
from services.catalogue.engine.elasticsearch.client import elasticsearch_client
from services.catalogue.engine.elasticsearch.destination import ElasticsearchDestination
from services.catalogue.engine.elasticsearch.source import ElasticsearchSource
from services.catalogue.live import LiveCatalogue
from services.catalogue.settings import ElasticsearchSettings
from services.common.report import ImportConsole
from tests.support.catalogue.elasticsearch_rows import edition, new_prefix

COUNT = 2_000
LOOPS = 4
LOAD_S = 5.0


@pytest.fixture
def settings(elasticsearch_cluster: ElasticsearchCluster) -> ElasticsearchSettings:
    # Times are those of production: what is lost here would be lost there.
    return ElasticsearchSettings(
        elasticsearch_url=",".join(elasticsearch_cluster.urls), elasticsearch_prefix=new_prefix()
    )


@pytest.fixture
async def client(settings: ElasticsearchSettings) -> AsyncIterator[AsyncElasticsearch]:
    async with elasticsearch_client(settings) as opened:
        yield opened


class Load:
    """Searches in several loops, until told to end."""

    def __init__(self, live: LiveCatalogue) -> None:
        self._live = live
        self._over = asyncio.Event()
        self.answers = 0
        self.failures: list[Exception] = []
        self.slowest_s = 0.0

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(LOOPS):
                group.create_task(self._repeat())

    def end(self) -> None:
        self._over.set()

    async def _repeat(self) -> None:
        while not self._over.is_set():
            began = time.monotonic()
            try:
                await self._ask()
            except Exception as error:  # noqa: BLE001 - whatever it is, an answer is lost
                self.failures.append(error)
            self.answers += 1
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)

    async def _ask(self) -> None:
        store = (await self._live.current()).formations
        page = await store.search(FormationCriteria(), PageWanted(20, with_facets=True))
        assert page.total == COUNT
        assert len(page.rows) == 20
        assert len(await store.by_ids(["pain7", "pain1999", "autre"])) == 2


async def primary(client: AsyncElasticsearch, index: str) -> str:
    """Name of the node that holds the index's first copy."""
    shards: list[Any] = list(await client.cat.shards(index=index, format="json", h="prirep,node,state"))
    assert sorted((each["prirep"], each["state"]) for each in shards) == [("p", "STARTED"), ("r", "STARTED")]
    return str(next(each["node"] for each in shards if each["prirep"] == "p"))


async def test_no_answer_is_lost_when_the_primary_s_node_dies(
    elasticsearch_cluster: ElasticsearchCluster,
    settings: ElasticsearchSettings,
    client: AsyncElasticsearch,
    quiet: ImportConsole,
) -> None:
    destination = ElasticsearchDestination(settings)
    await destination.publish(edition("pain", COUNT), quiet)
    await destination.close()
    source = ElasticsearchSource(client, settings)
    index = str(await source.current_name())
    names = [node.node.options.name for node in elasticsearch_cluster.nodes]
    killed = names.index(await primary(client, index))
    load = Load(LiveCatalogue(source))

    running = asyncio.create_task(load.run())
    await asyncio.sleep(LOAD_S / 5)
    before = load.answers
    await asyncio.to_thread(elasticsearch_cluster.kill_node, killed)
    await asyncio.sleep(LOAD_S)
    load.end()
    await running

    assert load.failures == []
    assert load.answers > 2 * before > 0
    # One try, and another at a host that lives.
    assert load.slowest_s < 2 * settings.elasticsearch_try_s

    await asyncio.to_thread(elasticsearch_cluster.start_node, killed)
    health = await client.options(request_timeout=60).cluster.health(
        index=index, wait_for_status="green", timeout="50s"
    )
    assert not health["timed_out"]
    await primary(client, index)
