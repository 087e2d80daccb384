"""The database as several processes use it, and what they do to it meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient
from pymongo.database import Database as PyMongoDatabase
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from services.common.mongo import CLIENT_OPTIONS, Collection, Database, Document, open_database

SyncDatabase = PyMongoDatabase[dict[str, Any]]


async def open_many(stack: AsyncExitStack, url: str, name: str, count: int) -> list[Database]:
    """The same database as that many processes open it."""
    return [await stack.enter_async_context(open_database(url, name)) for _ in range(count)]


async def all_of(collection: Collection) -> list[Document]:
    return [
        {name: value for name, value in each.items() if name != "generation"}
        for each in await collection.find().sort("_id").to_list(None)
    ]


class Meddler(CommandListener):
    """Does something to the database just after the first command of a name, as another process may."""

    def __init__(self, command: str, meddle: Callable[[], object]) -> None:
        self._command = command
        self._meddle = meddle
        self._done = False

    def started(self, event: CommandStartedEvent) -> None:
        """Too early."""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        if event.command_name == self._command and not self._done:
            self._done = True
            self._meddle()

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing was done."""


@contextmanager
def meddled(
    url: str, name: str, command: str, meddle: Callable[[SyncDatabase], object]
) -> Iterator[Database]:
    with MongoClient[Document](url) as other:
        listener = Meddler(command, lambda: meddle(other[name]))
        client = AsyncIOMotorClient[Document](url, event_listeners=[listener], **CLIENT_OPTIONS)
        yield Database(client, name)
        client.close()
