from __future__ import annotations

import asyncio
from datetime import timedelta

from services.common.mongo import open_database
from services.matcha.renewal import renew_for_ever
from services.matcha.store import BesoinStore
from tests.support.matcha.builders import NOW, a_fictif, criteria


async def test_needs_loaded_long_ago_are_open_again_once_the_service_runs(
    database_url: str, database_name: str
) -> None:
    later = NOW + timedelta(days=90)
    async with open_database(database_url, database_name) as database:
        store = BesoinStore(database)
        await store.replace_fictifs([a_fictif("f1")])
        assert await store.candidates(criteria(), later) == []

        renewal = asyncio.create_task(renew_for_ever(store, clock=lambda: later, period_s=0.01))
        async with asyncio.timeout(10):
            while not await store.candidates(criteria(), later):
                pass
        renewal.cancel()


async def test_renewal_outlives_a_database_that_does_not_answer() -> None:
    url = "mongodb://127.0.0.1:1/?directConnection=true&connectTimeoutMS=50"
    async with open_database(url, "none") as database:
        renewal = asyncio.create_task(renew_for_ever(BesoinStore(database), period_s=3600))
        await asyncio.wait([renewal], timeout=0.2)

        assert not renewal.done()
        renewal.cancel()
