"""The types of the settings that say where a MongoDB database is."""

from __future__ import annotations

import warnings
from typing import Annotated

import pymongo
from pydantic import AfterValidator, SecretStr, StringConstraints
from pymongo.errors import PyMongoError

_RIGHT = "not an address of MongoDB: mongodb://host:port/?replicaSet=name, user and password percent-encoded"


def _check_url(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    if not url.startswith(("mongodb://", "mongodb+srv://")):
        # The driver takes anything else for the name of a host.
        raise ValueError(_RIGHT)
    try:
        with warnings.catch_warnings():
            # The driver only warns of an option that it does not know.
            warnings.simplefilter("error")
            # It checks the address and its options, and reads the files that they name, without connecting.
            pymongo.MongoClient(url, connect=False).close()
    except (PyMongoError, ValueError, TypeError, OSError, UserWarning) as error:
        # What the driver says may quote a password, which only an address with a user holds.
        reason = "" if "@" in url else f" ({error})"
        raise ValueError(_RIGHT + reason) from None
    return value


MongoUrl = Annotated[SecretStr, AfterValidator(_check_url)]
"""https://www.mongodb.com/docs/manual/reference/connection-string/."""

DatabaseName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,63}$")]
"""https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions, and no other character."""
