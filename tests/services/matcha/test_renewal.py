from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from pymongo.uri_parser import parse_uri

from services.common import deadline
from services.common.mongo import open_database
from services.matcha.renewal import renew_for_ever
from services.matcha.store import BesoinStore
from tests.support.breakable import Breakable
from tests.support.matcha.builders import NOW, a_fictif, criteria

LATER = NOW + timedelta(days=90)


class Turns:
    """The clock of a renewal, which counts the turns: each turn reads it once."""

    def __init__(self, limit_s: float | None = None) -> None:
        self.limit_s = limit_s
        """What a turn may take; without it the store waits two minutes for its database."""
        self._begun = 0
        self._changed = asyncio.Event()

    def __call__(self) -> datetime:
        deadline.start(self.limit_s)
        self._begun += 1
        self._changed.set()
        return LATER

    async def begun(self, count: int) -> None:
        while self._begun < count:
            self._changed.clear()
            await self._changed.wait()


@asynccontextmanager
async def renewing(store: BesoinStore, turns: Turns) -> AsyncIterator[asyncio.Task[None]]:
    renewal = asyncio.create_task(renew_for_ever(store, turns, period_s=0))
    try:
        yield renewal
    finally:
        renewal.cancel()
        await asyncio.wait([renewal])


async def until_ended_or(renewal: asyncio.Task[None], event: asyncio.Task[None]) -> None:
    await asyncio.wait([renewal, event], return_when=asyncio.FIRST_COMPLETED)
    assert not renewal.done(), renewal.exception()


@pytest.fixture
async def way(database_url: str) -> AsyncIterator[Breakable]:
    """A relay to the database, which a test can break."""
    way = Breakable(parse_uri(database_url)["nodelist"][0][1])
    await way.open()
    yield way
    await way.close()


@asynccontextmanager
async def store_by(way: Breakable, database_name: str) -> AsyncIterator[BesoinStore]:
    url = f"mongodb://127.0.0.1:{way.port}/?directConnection=true"
    async with open_database(url, database_name) as database:
        yield BesoinStore(database)


async def open_again(store: BesoinStore) -> None:
    while not await store.candidates(criteria(), LATER):
        pass


async def test_needs_loaded_long_ago_are_open_again_once_the_service_runs(
    database_url: str, database_name: str
) -> None:
    async with open_database(database_url, database_name) as database:
        store = BesoinStore(database)
        await store.replace_fictifs([a_fictif("f1")])
        assert await store.candidates(criteria(), LATER) == []

        async with renewing(store, Turns()):
            await open_again(store)


async def test_renewal_goes_on_once_a_database_that_was_away_is_back(
    way: Breakable, database_url: str, database_name: str
) -> None:
    async with (
        open_database(database_url, database_name) as database,
        store_by(way, database_name) as store,
    ):
        direct = BesoinStore(database)
        await direct.replace_fictifs([a_fictif("f1")])
        await way.close()

        turns = Turns(limit_s=0.1)
        async with renewing(store, turns) as renewal:
            await until_ended_or(renewal, asyncio.create_task(turns.begun(2)))
            turns.limit_s = None
            assert await direct.candidates(criteria(), LATER) == []
            await way.mend()
            await until_ended_or(renewal, asyncio.create_task(open_again(direct)))


async def test_renewal_outlives_a_database_that_hangs(way: Breakable, database_name: str) -> None:
    async with store_by(way, database_name) as store:
        await store.ping()
        way.hold()

        turns = Turns(limit_s=0.1)
        async with renewing(store, turns) as renewal:
            await until_ended_or(renewal, asyncio.create_task(turns.begun(2)))
