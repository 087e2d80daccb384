"""MongoDB as the services use it: opening, indexes, time limits, imports, insertions that may be repeated.

The one file that imports the driver, motor. It uses what PyMongo's own asynchronous client has as well;
only closing a client and starting an aggregation are awaited there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pymongo
import structlog
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from pymongo import IndexModel, ReplaceOne, ReturnDocument, UpdateOne
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
)

from services.common.deadline import remaining_s
from services.common.errors import UpstreamUnavailable
from services.common.idempotency import Idempotency, KeyReused

__all__ = [
    "CLIENT_OPTIONS",
    "IMPORT_S",
    "READ_S",
    "WRITE_S",
    "Collection",
    "Database",
    "Document",
    "DuplicateKeyError",
    "IndexModel",
    "UpdateOne",
    "aggregate",
    "find_same",
    "idempotency_index",
    "insert_once",
    "mongo_call",
    "open_database",
]

log = structlog.get_logger(__name__)

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Collection = AsyncIOMotorCollection[Document]

READ_S = 1.5
"""Time of a read. The driver looks for a server for as long: a search must learn in time that it is down."""

WRITE_S = 5.0
"""Time of a write, which is worth the wait for another primary."""

IMPORT_S = 120.0
"""Time of an import, and of the making of indexes."""

CLIENT_OPTIONS: dict[str, Any] = {
    "tz_aware": True,
    # What was answered to a person survives the loss of the primary.
    "w": "majority",
    "journal": True,
    # For what has no time of its own: closing a client says goodbye to a server that may be gone.
    "serverSelectionTimeoutMS": 500,
    "connectTimeoutMS": 1_000,
    "maxPoolSize": 50,
}
"""Options of every client."""

# https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
_DUPLICATE_KEY = 11000
_INDEX_NOT_FOUND = 27
_INDEX_OPTIONS_CONFLICT, _INDEX_KEY_SPECS_CONFLICT = 85, 86

_GENERATIONS = "generations"
"""Collection that numbers the imports."""


@contextmanager
def mongo_call(at_most_s: float = READ_S) -> Iterator[None]:
    """Give the operations of the block what is left of the request's time.

    A server that can't be reached raises UpstreamUnavailable, one that is too slow TimeoutError;
    other errors of the driver (a duplicate key, a mistake of ours) pass as they are.
    """
    try:
        with pymongo.timeout(remaining_s(at_most_s)):
            yield
    except ServerSelectionTimeoutError as error:
        raise UpstreamUnavailable("the database does not answer") from error
    except PyMongoError as error:
        if error.timeout:
            raise TimeoutError from error
        if isinstance(error, ConnectionFailure | WriteConcernError):
            raise UpstreamUnavailable("the database does not answer") from error
        raise


@asynccontextmanager
async def open_database(url: str, name: str) -> AsyncIterator[Database]:
    """A database whose client connects when it is first used, and is closed after the block."""
    client: Client = AsyncIOMotorClient(url, appname=name, **CLIENT_OPTIONS)
    try:
        yield Database(client, name)
    finally:
        client.close()


class Database:
    """The collections of one service, with the indexes that they must have."""

    def __init__(self, client: Client, name: str) -> None:
        self._database = client[name]
        self._indexes: dict[str, Sequence[IndexModel]] = {}
        self._prepared = False

    def collection(self, name: str, indexes: Sequence[IndexModel] = ()) -> Collection:
        """A collection, which `prepare` will give these indexes."""
        if indexes:
            self._indexes[name] = indexes
        return self._database[name]

    async def ping(self) -> None:
        """Raises unless the database answers and has its indexes."""
        with mongo_call():
            await self._database.command("ping")
        await self.prepare()

    async def prepare(self) -> None:
        """Create what indexes are missing; nothing the second time."""
        if self._prepared:
            return
        with mongo_call(IMPORT_S):
            for name, indexes in self._indexes.items():
                await _create_indexes(self._database[name], indexes)
        self._prepared = True

    async def replace(
        self, collection: Collection, documents: Sequence[Document], within: Document | None = None
    ) -> None:
        """Put the documents in the place of those that have the values of `within`, of all without it.

        The new ones come first, so that a reader never finds none. A document of the same id that is not
        `within` stays as it is. Of imports that race, the one that began last wins, whole.
        """
        scope = within or {}
        await self.prepare()
        with mongo_call(IMPORT_S):
            begun = await self._number(collection, scope, {"$inc": {"begun": 1}}, "begun")
            older = {**scope, **_before(begun)}
            rows = ({**document, **scope, "generation": begun} for document in documents)
            await _upsert(
                collection, [ReplaceOne({**older, "_id": row["_id"]}, row, upsert=True) for row in rows]
            )
            ended = await self._number(collection, scope, {"$max": {"ended": begun}}, "ended")
            await collection.delete_many({**scope, **_before(ended)})

    async def _number(self, collection: Collection, scope: Document, update: Document, name: str) -> int:
        found = await self._database[_GENERATIONS].find_one_and_update(
            {"_id": {"collection": collection.name, "within": scope}},
            update,
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return int(found[name])


async def aggregate(collection: Collection, pipeline: Sequence[Document]) -> list[Document]:
    return await collection.aggregate(pipeline).to_list(None)


def idempotency_index(*within: str) -> IndexModel:
    """At most one document for each idempotency key, among those with the same values of these fields."""
    return IndexModel(
        [*((field, 1) for field in within), ("idempotency.key", 1)],
        name="idempotency",
        unique=True,
        partialFilterExpression={"idempotency.key": {"$exists": True}},
    )


async def insert_once(
    collection: Collection,
    document: Document,
    idempotency: Idempotency | None,
    shown: Document,
    within: Document | None = None,
) -> Document | None:
    """Insert the document, or find what the same request inserted before; None when it was inserted.

    Unique indexes decide between calls that race, so that no lock is left by one that is cut off. Raises
    KeyReused, or DuplicateKeyError when another index than that of keys refuses the document.
    """
    try:
        await collection.insert_one(_stamped(document, idempotency))
    except DuplicateKeyError:
        same = await find_same(collection, idempotency, shown, within)
        if same is None:
            raise
        return same
    return None


async def find_same(
    collection: Collection, idempotency: Idempotency | None, shown: Document, within: Document | None = None
) -> Document | None:
    """What the same request inserted before, its fields in `shown` only. Raises KeyReused."""
    if idempotency is None:
        return None
    query = {**(within or {}), "idempotency.key": idempotency.key}
    found = await collection.find_one(query, {**shown, "idempotency": 1})
    if found is None:
        return None
    if found.pop("idempotency")["digest"] != idempotency.digest:
        raise KeyReused
    return found


def _stamped(document: Document, idempotency: Idempotency | None) -> Document:
    if idempotency is None:
        return document
    return {**document, "idempotency": {"key": idempotency.key, "digest": idempotency.digest}}


async def _create_indexes(collection: Collection, indexes: Sequence[IndexModel]) -> None:
    ours = {index.document["name"] for index in indexes}
    for index in indexes:
        try:
            await collection.create_indexes([index])
        except OperationFailure as error:
            if error.code not in (_INDEX_OPTIONS_CONFLICT, _INDEX_KEY_SPECS_CONFLICT):
                raise
            await _drop_in_the_way(collection, index, ours)
            await collection.create_indexes([index])


async def _drop_in_the_way(collection: Collection, index: IndexModel, ours: set[str]) -> None:
    """Drop what another version left under this name, or on these fields under a name that is not ours."""
    name, fields = index.document["name"], list(index.document["key"].items())
    for found, details in (await collection.index_information()).items():
        if found == name or (found not in ours and details["key"] == fields):
            log.warning("index of another version replaced", collection=collection.name, index=found)
            await _drop_index(collection, found)


async def _drop_index(collection: Collection, name: str) -> None:
    try:
        await collection.drop_index(name)
    except OperationFailure as error:
        # Another process that starts too may have been quicker.
        if error.code != _INDEX_NOT_FOUND:
            raise


def _before(generation: int) -> Document:
    """Documents of earlier imports, and those that no numbered import wrote."""
    return {"generation": {"$not": {"$gte": generation}}}


async def _upsert(collection: Collection, writes: list[ReplaceOne[Document]], *, again: bool = True) -> None:
    """Write them all but those whose id is taken by a document that their query leaves alone."""
    if not writes:
        return
    try:
        await collection.bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        failed = error.details["writeErrors"]
        if error.details["writeConcernErrors"] or not all(map(_is_of_an_id, failed)):
            raise
        if again:
            # An import that races may have inserted them in between; then they are there to be replaced.
            await _upsert(collection, [writes[each["index"]] for each in failed], again=False)


def _is_of_an_id(failed: Document) -> bool:
    return bool(failed["code"] == _DUPLICATE_KEY and failed["keyPattern"] == {"_id": 1})
