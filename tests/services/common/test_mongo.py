from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection as SyncCollection

from services.common.errors import UpstreamUnavailable
from services.common.idempotency import Idempotency, KeyReused
from services.common.mongo import (
    CLIENT_OPTIONS,
    Collection,
    Database,
    DuplicateKeyError,
    IndexModel,
    aggregate,
    find_same,
    idempotency_index,
    insert_once,
    mongo_call,
    open_database,
)
from tests.support.common.mongo import SyncDatabase, all_of, meddled, open_many
from tests.support.mongo import free_port

Rows = SyncCollection[dict[str, Any]]


@pytest.fixture
def rows(database_url: str, database_name: str) -> Iterator[Rows]:
    """A collection of one document."""
    with MongoClient[dict[str, Any]](database_url, **CLIENT_OPTIONS) as client:
        collection = client[database_name]["rows"]
        collection.insert_one({"_id": 1})
        yield collection


def test_operation_in_time_passes(rows: Rows) -> None:
    with mongo_call():
        assert rows.find_one({"_id": 1}) == {"_id": 1}


def test_operation_too_slow_is_out_of_time(rows: Rows) -> None:
    with pytest.raises(TimeoutError), mongo_call(0.1):
        rows.find_one({"$where": "sleep(5000) || true"})


def test_mistake_passes_as_it_is(rows: Rows) -> None:
    with pytest.raises(DuplicateKeyError), mongo_call():
        rows.insert_one({"_id": 1})


def test_server_that_is_away_is_unavailable() -> None:
    url = f"mongodb://127.0.0.1:{free_port()}"
    with MongoClient[dict[str, Any]](url, **CLIENT_OPTIONS) as client:
        rows = client["essai"]["rows"]

        with pytest.raises(UpstreamUnavailable), mongo_call(0.2):
            rows.find_one({"_id": 1})


async def index_names(collection: Collection) -> set[str]:
    return set(await collection.index_information())


async def test_database_that_answers_has_its_indexes(opened: Database) -> None:
    rows = opened.collection(
        "rows", [IndexModel([("a", 1)], name="by_a"), IndexModel([("b", 1)], name="by_b")]
    )

    await opened.ping()

    assert await index_names(rows) == {"_id_", "by_a", "by_b"}


@pytest.mark.slow
async def test_database_that_is_away_is_unavailable_to_a_ping() -> None:
    async with open_database(f"mongodb://127.0.0.1:{free_port()}", "none") as opened:
        with pytest.raises(UpstreamUnavailable):
            await opened.ping()


async def test_indexes_are_created_once(opened: Database) -> None:
    rows = opened.collection("rows", [IndexModel([("a", 1)], name="by_a")])
    await opened.prepare()
    await rows.drop_index("by_a")

    await opened.prepare()

    assert await index_names(rows) == {"_id_"}


async def test_index_of_another_version_is_replaced_by_processes_that_start_together(
    database_url: str, database_name: str
) -> None:
    async with AsyncExitStack() as stack:
        starting = await open_many(stack, database_url, database_name, 5)
        rows = starting[0].collection("rows")
        await rows.create_indexes([IndexModel([("old", 1)], name="by_key", unique=True)])
        for each in starting:
            each.collection("rows", [IndexModel([("new", 1)], name="by_key")])

        await asyncio.gather(*(each.prepare() for each in starting))

        assert (await rows.index_information())["by_key"]["key"] == [("new", 1)]


async def test_index_that_had_another_name_is_replaced_and_one_on_the_same_fields_is_not(
    opened: Database,
) -> None:
    some = {"a": {"$gt": 1}}
    rows = opened.collection(
        "rows",
        [
            IndexModel([("a", 1)], name="some", partialFilterExpression=some),
            IndexModel([("a", 1)], name="all"),
        ],
    )
    await rows.create_indexes([IndexModel([("a", 1)], name="every")])

    await opened.prepare()

    assert await index_names(rows) == {"_id_", "some", "all"}


async def test_index_that_another_process_drops_meanwhile_is_created(
    database_url: str, database_name: str
) -> None:
    def drop(other: SyncDatabase) -> None:
        other["rows"].drop_index("by_key")

    with meddled(database_url, database_name, "listIndexes", drop) as opened:
        rows = opened.collection("rows", [IndexModel([("new", 1)], name="by_key")])
        await rows.create_indexes([IndexModel([("old", 1)], name="by_key")])

        await opened.prepare()

        assert (await rows.index_information())["by_key"]["key"] == [("new", 1)]


@pytest.fixture
async def once(opened: Database) -> Collection:
    """A collection in which a key inserts one document per owner, with a unique index on `a`."""
    rows = opened.collection(
        "rows", [idempotency_index("owner"), IndexModel([("a", 1)], name="by_a", unique=True)]
    )
    await opened.prepare()
    return rows


KEY = Idempotency("key", "digest")
SHOWN = {"a": 1}


async def test_same_request_is_inserted_once_and_found_again(once: Collection) -> None:
    first = await insert_once(once, {"_id": 1, "a": 1, "secret": 1}, KEY, SHOWN)
    again = await insert_once(once, {"_id": 2, "a": 2}, KEY, SHOWN)

    assert (first, again) == (None, {"_id": 1, "a": 1})
    assert await find_same(once, KEY, SHOWN) == {"_id": 1, "a": 1}


async def test_key_of_another_request_is_refused(once: Collection) -> None:
    await insert_once(once, {"_id": 1, "a": 1}, KEY, SHOWN)
    other = Idempotency(KEY.key, "other")

    with pytest.raises(KeyReused):
        await insert_once(once, {"_id": 2, "a": 2}, other, SHOWN)
    with pytest.raises(KeyReused):
        await find_same(once, other, SHOWN)


async def test_key_of_another_owner_is_another_key(once: Collection) -> None:
    for owner in ("x", "y"):
        row = {"_id": owner, "owner": owner, "a": owner}
        assert await insert_once(once, row, KEY, SHOWN, {"owner": owner}) is None

    found = [await find_same(once, KEY, SHOWN, {"owner": owner}) for owner in ("x", "y", "z")]
    assert [each and each["_id"] for each in found] == ["x", "y", None]


async def test_requests_without_a_key_are_all_inserted(once: Collection) -> None:
    for number in range(3):
        assert await insert_once(once, {"_id": number, "a": number}, None, SHOWN) is None

    assert await find_same(once, None, SHOWN) is None


async def test_refusal_of_another_index_passes_unless_the_request_was_served(once: Collection) -> None:
    await insert_once(once, {"_id": 1, "a": 1}, KEY, SHOWN)

    with pytest.raises(DuplicateKeyError):
        await insert_once(once, {"_id": 2, "a": 1}, Idempotency("other key", "digest"), SHOWN)
    assert await insert_once(once, {"_id": 3, "a": 1}, KEY, SHOWN) == {"_id": 1, "a": 1}


async def test_requests_with_one_key_that_race_insert_one_document(once: Collection) -> None:
    rows = [{"_id": number, "a": number} for number in range(20)]

    found = await asyncio.gather(*(insert_once(once, row, KEY, SHOWN) for row in rows))

    (inserted,) = await all_of(once)
    assert found.count(None) == 1
    assert {each["_id"] for each in found if each is not None} == {inserted["_id"]}


async def test_aggregation_gives_all_its_documents(opened: Database) -> None:
    rows = opened.collection("rows")
    await rows.insert_many([{"_id": number} for number in range(300)])

    assert len(await aggregate(rows, [{"$match": {"_id": {"$gte": 100}}}])) == 200
