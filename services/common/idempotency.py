"""Requests that may be repeated: a key that the caller chose, and a digest of all the rest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from google.protobuf.message import Message


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Tells a request that is repeated from another one that uses its key."""

    key: str
    digest: str


class KeyReused(Exception):
    """The key was used for another request."""


def idempotency_of(request: Message, key_field: str) -> Idempotency | None:
    """The key that the request holds in this field, if any, with the digest of its other fields."""
    key = getattr(request, key_field)
    if not key:
        return None
    bare = type(request)()
    bare.CopyFrom(request)
    bare.ClearField(key_field)
    return Idempotency(key, hashlib.sha256(bare.SerializeToString(deterministic=True)).hexdigest())
