"""Idempotency keys: a call repeated with the same key, which its client chooses, has no further effect."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from google.protobuf.message import Message

from services.common.digest import bytes_without
from services.common.errors import Problem

_FIELD = "cle_idempotence"
_KEY = re.compile(r"[!-~]{8,100}")


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Distinguishes a repeated request from another request with the same key."""

    key: str
    digest: str
    """Digest of the request without its key."""


class KeyReused(Exception):
    """The key was used for another request."""


def key_problems(request: Message) -> list[Problem]:
    """The problems of the key of a request, if it has one."""
    if not request.HasField(_FIELD) or _KEY.fullmatch(getattr(request, _FIELD)):
        return []
    return [Problem(_FIELD, "doit avoir de 8 à 100 caractères ASCII visibles ; par exemple un UUID")]


def idempotency_of(request: Message) -> Idempotency | None:
    """The key of a request and the digest of its other fields; None if it has no key."""
    key = getattr(request, _FIELD)
    if not key:
        return None
    return Idempotency(key, hashlib.sha256(bytes_without(request, [_FIELD])).hexdigest())
