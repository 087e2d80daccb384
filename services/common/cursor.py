"""Cursors of keyset paging: the sort key of the last row seen, and a digest of its search.

A cursor holds a position and not an offset: it stays right when rows are added or removed, and a distant page
costs as much as the first (https://use-the-index-luke.com/no-offset). It is not signed, since a forged cursor
only reads a page that a search returns anyway. The service checks it like any other input.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import TypeVar

import orjson
from google.protobuf.message import Message
from pydantic import TypeAdapter, ValidationError

from services.common.digest import bytes_without
from services.common.errors import InvalidRequest, Problem

Key = TypeVar("Key", bound=tuple[object, ...])
KeyPart = str | int | float | None

MAX_CURSOR_CHARS = 4_000
"""Longest cursor accepted, several times the longest that a service makes."""

_DIGEST_CHARS = 10


def search_digest(request: Message, paging: Sequence[str] = ("first", "after")) -> str:
    """A digest of the criteria of a request, without its paging and optional columns.

    It includes the full name of the message, since requests of two services may have the same bytes.
    """
    return short_digest(request.DESCRIPTOR.full_name.encode(), bytes_without(request, paging))


def short_digest(*parts: bytes) -> str:
    """A short digest of the parts."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(b"%d:" % len(part) + part)
    return whole.hexdigest()[:_DIGEST_CHARS]


def encode_cursor(digest: str, key: Sequence[KeyPart]) -> str:
    """The cursor of the row with this sort key."""
    return base64.urlsafe_b64encode(orjson.dumps([digest, *key])).rstrip(b"=").decode()


def decode_cursor(cursor: str, digest: str, key: TypeAdapter[Key]) -> Key:
    """The sort key in a cursor of the search with this digest; `key` is the type of the sort key.

    Raises InvalidRequest, on the field `after`, if it is unreadable or comes from another search.
    """
    found, *parts = _parts(cursor)
    if found != digest:
        message = "ce curseur vient d'une autre recherche ; reprenez à la première page"
        raise InvalidRequest([Problem("after", message)])
    try:
        return key.validate_python(tuple(parts), strict=True)
    except ValidationError:
        raise _unreadable() from None


def _parts(cursor: str) -> list[object]:
    if len(cursor) > MAX_CURSOR_CHARS:
        raise _unreadable()
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise _unreadable() from None
    if not isinstance(parts, list) or not parts:
        raise _unreadable()
    return parts


def _unreadable() -> InvalidRequest:
    message = "curseur illisible ; donnez un curseur reçu tel quel, ou rien pour la première page"
    return InvalidRequest([Problem("after", message)])
