"""Idempotency keys: the client chooses one, and a call repeated with it changes nothing more."""

from __future__ import annotations

import hashlib
import re

from google.protobuf.message import Message

from services.common.errors import Problem

_FIELD = "cle_idempotence"
_KEY = re.compile(r"[!-~]{8,100}")


def key_problems(request: Message) -> list[Problem]:
    """What is wrong with the key of the request, where it has one."""
    if not request.HasField(_FIELD) or _KEY.fullmatch(getattr(request, _FIELD)):
        return []
    return [Problem(_FIELD, "doit avoir de 8 à 100 caractères ASCII visibles ; par exemple un UUID")]


def content_digest(request: Message) -> str:
    """Of everything in the request but its key: the same key with another digest is of another request."""
    bare = type(request)()
    bare.CopyFrom(request)
    bare.ClearField(_FIELD)
    return hashlib.sha256(bare.SerializeToString(deterministic=True)).hexdigest()
