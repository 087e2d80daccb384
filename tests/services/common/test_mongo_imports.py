from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from pymongo.errors import BulkWriteError

from services.common.mongo import Database, Document, IndexModel
from tests.support.common.mongo import SyncDatabase, all_of, meddled, open_many


async def test_import_replaces_the_documents_there_are(opened: Database) -> None:
    rows = opened.collection("rows")

    await opened.replace(rows, [{"_id": 1, "a": 1}, {"_id": 2}])
    await opened.replace(rows, [{"_id": 1, "b": 1}, {"_id": 3}])

    assert await all_of(rows) == [{"_id": 1, "b": 1}, {"_id": 3}]
    await opened.replace(rows, [])
    assert await all_of(rows) == []


async def test_import_leaves_what_is_not_within_alone_even_under_its_own_ids(opened: Database) -> None:
    rows = opened.collection("rows")
    of_others: list[Document] = [{"_id": 1, "kind": "other"}, {"_id": 2}]
    await rows.insert_many(of_others)

    await opened.replace(rows, [{"_id": 2}, {"_id": 3}, {"_id": 4}], {"kind": "mine"})
    await opened.replace(rows, [{"_id": 1}, {"_id": 4}], {"kind": "mine"})

    assert await all_of(rows) == [*of_others, {"_id": 4, "kind": "mine"}]


async def test_import_replaces_documents_of_a_version_that_did_not_number_them(opened: Database) -> None:
    rows = opened.collection("rows")
    await rows.insert_many([{"_id": 1, "generation": "6f1e"}, {"_id": 2}])

    await opened.replace(rows, [{"_id": 1, "a": 1}])

    assert await all_of(rows) == [{"_id": 1, "a": 1}]


async def test_other_refusals_of_a_document_stop_the_import(opened: Database) -> None:
    rows = opened.collection("rows", [IndexModel([("a", 1)], name="by_a", unique=True)])
    await opened.replace(rows, [{"_id": 1, "a": 1}])

    with pytest.raises(BulkWriteError):
        await opened.replace(rows, [{"_id": 2, "a": 1}])

    assert await all_of(rows) == [{"_id": 1, "a": 1}]


async def test_reader_never_finds_none_while_an_import_runs(opened: Database) -> None:
    rows = opened.collection("rows")
    documents = [{"_id": number} for number in range(300)]
    await opened.replace(rows, documents)
    importing = asyncio.create_task(opened.replace(rows, documents))

    counts = []
    while not importing.done():
        counts.append(await rows.count_documents({}))
    await importing

    assert set(counts) == {300}


async def test_of_imports_that_race_one_wins_whole(database_url: str, database_name: str) -> None:
    async with AsyncExitStack() as stack:
        racing = await open_many(stack, database_url, database_name, 4)
        for number in range(10):
            rows = [each.collection(f"rows{number}") for each in racing]
            # The imports have some ids in common, and some different ones.
            imports = [[{"_id": n * (mine + 1), "from": mine} for n in range(60)] for mine in range(4)]
            await asyncio.gather(*map(Database.replace, racing, rows, imports))
            found = await all_of(rows[0])

            assert len({each["from"] for each in found}) == 1
            assert len(found) == 60


async def test_document_whose_id_becomes_free_meanwhile_is_imported(
    database_url: str, database_name: str
) -> None:
    def set_free(other: SyncDatabase) -> None:
        other["rows"].delete_one({"_id": 1})

    with meddled(database_url, database_name, "update", set_free) as opened:
        rows = opened.collection("rows")
        await rows.insert_one({"_id": 1, "kind": "other"})

        await opened.replace(rows, [{"_id": 1}, {"_id": 2}], {"kind": "mine"})

        assert await all_of(rows) == [{"_id": 1, "kind": "mine"}, {"_id": 2, "kind": "mine"}]


async def test_imports_of_two_parts_of_a_collection_do_not_disturb_each_other(opened: Database) -> None:
    rows = opened.collection("rows")
    many: list[Document] = [{"_id": number} for number in range(2, 100)]
    for _ in range(5):
        await asyncio.gather(
            opened.replace(rows, many, {"kind": "a"}), opened.replace(rows, [{"_id": 1}], {"kind": "b"})
        )

        assert await rows.count_documents({"kind": "a"}) == 98
        assert await rows.count_documents({"kind": "b"}) == 1
