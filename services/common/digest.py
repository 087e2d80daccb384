"""The parts of a request that a digest of it covers."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.message import Message


def bytes_without(request: Message, fields: Iterable[str]) -> bytes:
    """The serialised request without some of its fields; the same values give the same bytes."""
    bare = type(request)()
    bare.CopyFrom(request)
    for field in fields:
        bare.ClearField(field)
    return bytes(bare.SerializeToString(deterministic=True))
