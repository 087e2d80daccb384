"""Cursors of keyset paging: the sort key of the last row seen, bound to the search that it is of.

A cursor holds a position, not a number of rows: it stays right when rows come and go, and a page
far down costs what the first does. The gateway signs what it hands to the public; a service only
refuses what it cannot read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence

import orjson
from google.protobuf.message import Message

from services.common.errors import InvalidRequest, Problem

KeyPart = str | int | float | None

_DIGEST_CHARS = 10


def search_digest(request: Message, paging: Sequence[str] = ("first", "after")) -> str:
    """A short name of what the request searches for, its paging and optional columns left aside."""
    bare = type(request)()
    bare.CopyFrom(request)
    for name in paging:
        bare.ClearField(name)
    return hashlib.sha256(bare.SerializeToString(deterministic=True)).hexdigest()[:_DIGEST_CHARS]


def encode_cursor(digest: str, key: Sequence[KeyPart]) -> str:
    """The cursor of the row with this sort key."""
    return base64.urlsafe_b64encode(orjson.dumps([digest, *key])).rstrip(b"=").decode()


def decode_cursor(cursor: str, digest: str, kinds: Sequence[type | tuple[type, ...]]) -> list[KeyPart]:
    """The sort key in a cursor of the search named by `digest`.

    Raises InvalidRequest on `after` when it cannot be read, or is of another search.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise _unreadable() from None
    if not isinstance(parts, list) or len(parts) != len(kinds) + 1:
        raise _unreadable()
    found, *key = parts
    if found != digest:
        message = "ce curseur vient d'une autre recherche ; reprendre à la première page"
        raise InvalidRequest([Problem("after", message)])
    if not all(_is_a(part, kind) for part, kind in zip(key, kinds, strict=True)):
        raise _unreadable()
    return key


def _is_a(part: object, kind: type | tuple[type, ...]) -> bool:
    # JSON has one kind of number: 3.0 may come back as 3; and bool is an int to Python.
    if isinstance(part, bool):
        return False
    wanted = kind if isinstance(kind, tuple) else (kind,)
    return isinstance(part, wanted) or (float in wanted and isinstance(part, int))


def _unreadable() -> InvalidRequest:
    message = "curseur illisible ; donner un curseur reçu tel quel, ou rien pour la première page"
    return InvalidRequest([Problem("after", message)])
