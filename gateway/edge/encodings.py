"""Compresses answers for clients that accept it.

https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
"""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
from aiohttp import web

from gateway.edge.media_types import weights_of

MIN_BYTES = 1_000
"""A shorter answer fits in one packet as it is."""

# The levels that cost less time than they save on a fast network (see `bench/README.md`).
_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: bytes(brotli.compress(body, quality=3)),
    "gzip": lambda body: gzip.compress(body, compresslevel=1, mtime=0),
}
"""By preference, where the client has none."""


def encoding_for(accept_encoding: str) -> str:
    """`br`, `gzip`, or an empty text for an answer that is sent as it is."""
    weights = weights_of(accept_encoding)
    anything = weights.get("*", 0.0)
    offered = {name: weights.get(name, anything) for name in _ENCODERS}
    best = max(offered, key=lambda name: offered[name])
    # Without a weight of its own, identity is accepted, as a last resort.
    return best if offered[best] > 0 and offered[best] >= weights.get("identity", 0.0) else ""


def compress(request: web.BaseRequest, response: web.Response) -> None:
    """Compress the body of an answer, if that is worth it and the client accepts it."""
    response.headers["Vary"] = _with_vary(response.headers.get("Vary", ""))
    body = response.body
    if not isinstance(body, bytes) or len(body) < MIN_BYTES or "Content-Encoding" in response.headers:
        return
    encoding = encoding_for(",".join(request.headers.getall("Accept-Encoding", ())))
    if encoding:
        response.body = _ENCODERS[encoding](body)
        response.headers["Content-Encoding"] = encoding


def _with_vary(vary: str) -> str:
    return f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
