"""One real mongod for the whole run, one database for each test."""

from __future__ import annotations

import socket
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.engines.mongod import Mongod
from services.common.mongo import Database, open_database


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    """A mongod that runs until the end of the tests; a test that stops one starts its own."""
    server = Mongod(tmp_path_factory.mktemp("mongod"), free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def private_mongod(tmp_path: Path) -> Iterator[Mongod]:
    """A mongod of this test alone, which may stop it."""
    server = Mongod(tmp_path / "mongod", free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def database_url(mongod: Mongod) -> str:
    return mongod.url


@pytest.fixture
def database_name(database_url: str) -> Iterator[str]:
    """The name of a database that is this test's alone, dropped after it."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield name
    with MongoClient[dict[str, Any]](database_url) as client:
        client.drop_database(name)


@pytest.fixture
async def opened(database_url: str, database_name: str) -> AsyncIterator[Database]:
    """That database, as a service opens it."""
    async with open_database(database_url, database_name) as database:
        yield database
