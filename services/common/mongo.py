"""Access to MongoDB: opening, indexes, timeouts, imports, repeatable insertions.

This is the only file that imports the driver, motor. It uses only what PyMongo's asynchronous client has too
(https://www.mongodb.com/docs/languages/python/pymongo-driver/current/reference/migration/), where closing a
client and starting an aggregation must be awaited.
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
    "upsert_and_get",
]

log = structlog.get_logger(__name__)

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Collection = AsyncIOMotorCollection[Document]

READ_S = 1.5
"""Timeout of a read and of server selection, so that a search learns in time that MongoDB is down."""

WRITE_S = 5.0
"""Timeout of a write, which may wait for the election of a primary."""

IMPORT_S = 120.0
"""Timeout of an import, and of the creation of indexes."""

CLIENT_OPTIONS: dict[str, Any] = {
    "tz_aware": True,
    # An acknowledged write survives the loss of the primary.
    "w": "majority",
    "journal": True,
    # For operations without a timeout: closing a client sends endSessions to a server that may be gone.
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
    """Give the operations of the block the remaining time of the request.

    Raises UpstreamUnavailable if the server can't be reached, and TimeoutError if it is too slow. Other
    errors of the driver, such as a duplicate key, are not changed.
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
    """A database. Its client connects on first use, and is closed after the block."""
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
        """A collection; `prepare` creates its indexes."""
        if indexes:
            self._indexes[name] = indexes
        return self._database[name]

    async def ping(self) -> None:
        """Raises unless the database answers and has its indexes."""
        with mongo_call():
            await self._database.command("ping")
        await self.prepare()

    async def prepare(self) -> None:
        """Create the missing indexes. A second call does nothing."""
        if self._prepared:
            return
        with mongo_call(IMPORT_S):
            for name, indexes in self._indexes.items():
                await _create_indexes(self._database[name], indexes)
        self._prepared = True

    async def replace(
        self, collection: Collection, documents: Sequence[Document], within: Document | None = None
    ) -> None:
        """Replace the documents that have the values of `within` (all, without it) by these.

        The new documents are written first, so that a reader always finds some. A document with the same id
        that is not `within` is kept. When imports race, the one that began last wins as a whole.
        """
        scope = within or {}
        with mongo_call(WRITE_S):
            # An import has a long time, which it should not spend on a database that is away.
            await self._database.command("ping")
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
        of_scope = {"collection": collection.name, "within": scope}
        found = await upsert_and_get(self._database[_GENERATIONS], of_scope, update)
        return int(found[name])


async def upsert_and_get(
    collection: Collection, id_: str | Document, update: Document | Sequence[Document]
) -> Document:
    """Change the document of this id, which is made if there is none, and return it as changed."""
    while True:
        try:
            return await collection.find_one_and_update(
                {"_id": id_}, update, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            # A racing call has just made it, so that the next attempt finds it.
            continue


async def aggregate(collection: Collection, pipeline: Sequence[Document]) -> list[Document]:
    return await collection.aggregate(pipeline).to_list(None)


def idempotency_index(*within: str) -> IndexModel:
    """A unique index on the idempotency key, together with these fields."""
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
    """Insert the document and return None, or return what the same request inserted before.

    Unique indexes decide between racing calls, so an interrupted call leaves no lock. Raises KeyReused, or
    DuplicateKeyError if an index other than that of keys refuses the document.
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
    """The document that the same request inserted before, with the fields in `shown`. Raises KeyReused."""
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
    """Drop an index that another version created with this name, or on these fields with another name."""
    name, fields = index.document["name"], list(index.document["key"].items())
    for found, details in (await collection.index_information()).items():
        if found == name or (found not in ours and details["key"] == fields):
            log.warning("index of another version replaced", collection=collection.name, index=found)
            await _drop_index(collection, found)


async def _drop_index(collection: Collection, name: str) -> None:
    try:
        await collection.drop_index(name)
    except OperationFailure as error:
        # Another process that starts at the same time may have done it.
        if error.code != _INDEX_NOT_FOUND:
            raise


def _before(generation: int) -> Document:
    """A query for documents of earlier imports, or of none."""
    return {"generation": {"$not": {"$gte": generation}}}


async def _upsert(collection: Collection, writes: list[ReplaceOne[Document]], *, again: bool = True) -> None:
    """Write the documents, except those whose id belongs to a document that must be kept."""
    if not writes:
        return
    try:
        await collection.bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        failed = error.details["writeErrors"]
        if error.details["writeConcernErrors"] or not all(map(_is_of_an_id, failed)):
            raise
        if again:
            # A racing import may have inserted them meanwhile; then they are replaced.
            await _upsert(collection, [writes[each["index"]] for each in failed], again=False)


def _is_of_an_id(failed: Document) -> bool:
    return bool(failed["code"] == _DUPLICATE_KEY and failed["keyPattern"] == {"_id": 1})
