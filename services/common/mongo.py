"""What the services on MongoDB share: the time an operation has, and what its failures mean.

The driver itself (motor) stays in the `store.py` of each; only the errors of PyMongo, which motor
raises, are known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymongo
from pymongo.errors import ConnectionFailure, PyMongoError, ServerSelectionTimeoutError, WriteConcernError

from services.common.deadline import remaining_s
from services.common.errors import UpstreamUnavailable

READ_S = 1.5
"""Time of a read. The driver looks for a server for as long: a search must learn in time that it is down."""

WRITE_S = 5.0
"""Time of a write, which is worth the wait for another primary."""

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
