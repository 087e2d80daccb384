from __future__ import annotations

import asyncio
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
ANSWERS = 200


@pytest.fixture
def settings(elasticsearch_cluster: ElasticsearchCluster) -> ElasticsearchSettings:
    # The times are those of production, so a search lost here would be lost in production.
    return ElasticsearchSettings(
        elasticsearch_url=",".join(elasticsearch_cluster.urls), elasticsearch_prefix=new_prefix()
    )


@pytest.fixture
async def client(settings: ElasticsearchSettings) -> AsyncIterator[AsyncElasticsearch]:
    async with elasticsearch_client(settings) as opened:
        yield opened


class Load:
    """Searches in several loops until `end`. A search that takes longer than its limit fails."""

    def __init__(self, live: LiveCatalogue) -> None:
        self._live = live
        self._over = asyncio.Event()
        self._answered = asyncio.Condition()
        self.answers = 0
        self.failures: list[Exception] = []

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(LOOPS):
                group.create_task(self._repeat())

    async def answers_more(self, count: int) -> None:
        """Wait for `count` more answers."""
        enough = self.answers + count
        async with self._answered:
            await self._answered.wait_for(lambda: self.answers >= enough)

    def end(self) -> None:
        self._over.set()

    async def _repeat(self) -> None:
        while not self._over.is_set():
            try:
                await self._ask()
            except Exception as error:  # noqa: BLE001 - whatever it is, an answer is lost
                self.failures.append(error)
            self.answers += 1
            async with self._answered:
                self._answered.notify_all()

    async def _ask(self) -> None:
        store = (await self._live.current()).formations
        page = await store.search(FormationCriteria(), PageWanted(20, with_facets=True))
        assert page.total == COUNT
        assert len(page.rows) == 20
        assert len(await store.by_ids(["pain7", "pain1999", "autre"])) == 2


async def copies(client: AsyncElasticsearch, index: str) -> dict[str, str]:
    """The nodes that serve the primary ("p") and the replica ("r")."""
    shards: list[Any] = list(await client.cat.shards(index=index, format="json", h="prirep,node,state"))
    return {each["prirep"]: str(each["node"]) for each in shards if each["state"] == "STARTED"}


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
    before = await copies(client, index)
    assert len(before) == 2
    killed = names.index(str(before["p"]))
    load = Load(LiveCatalogue(source))

    running = asyncio.create_task(load.run())
    await load.answers_more(ANSWERS)
    await asyncio.to_thread(elasticsearch_cluster.kill_node, killed)
    while (await copies(client, index)).get("p") != before["r"]:
        await load.answers_more(1)
    await load.answers_more(ANSWERS)
    load.end()
    await running

    assert load.failures == []

    await asyncio.to_thread(elasticsearch_cluster.start_node, killed)
    health = await client.options(request_timeout=60).cluster.health(
        index=index, wait_for_status="green", timeout="50s"
    )
    assert not health["timed_out"]
    assert len(await copies(client, index)) == 2
