from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from services.common.errors import UpstreamUnavailable
from services.common.mongo import CLIENT_OPTIONS, mongo_call
from tests.support.mongo import free_port

Rows = Collection[dict[str, Any]]


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
