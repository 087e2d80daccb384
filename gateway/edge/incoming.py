"""Reads what a request says beside its operation: its id, its type, its credentials, its body."""

from __future__ import annotations

import asyncio
import uuid

from aiohttp import web

from gateway.edge.refusals import Refusal
from gateway.errors import BAD_REQUEST, BODY_TOO_LARGE, REQUEST_TIMEOUT

MAX_REQUEST_ID = 64


def request_id_of(request: web.Request) -> str:
    """The id that the client gave, if it can be written in logs as it is, else a new one."""
    given = request.headers.get("x-request-id", "")
    if given.isascii() and given.isprintable() and 0 < len(given) <= MAX_REQUEST_ID:
        return given
    return uuid.uuid4().hex


def authorization_of(request: web.Request) -> str:
    """The Authorization header, which goes on to a service. Raises Refusal if it can't."""
    value = request.headers.get("authorization", "")
    if not (value.isascii() and value.isprintable()):
        message = "The Authorization header holds a character that is not printable ASCII."
        raise Refusal(400, message, BAD_REQUEST)
    return value


async def read_body(request: web.Request, limit_s: float) -> bytes:
    """The whole body. Raises Refusal if that takes too long, or the body is too large."""
    try:
        async with asyncio.timeout(limit_s):
            return await request.read()
    except TimeoutError:
        message = f"The body did not arrive within {limit_s:g} s."
        raise Refusal(408, message, REQUEST_TIMEOUT, {"Connection": "close"}) from None
    except web.HTTPRequestEntityTooLarge:
        message = f"The body is larger than the {request.client_max_size} bytes that are accepted."
        raise Refusal(413, message, BODY_TOO_LARGE) from None
    except web.RequestPayloadError:
        raise Refusal(400, "The body of the request is incomplete or malformed.", BAD_REQUEST) from None


def media_type(content_type: str | None) -> str:
    """`application/json` for a Content-Type with parameters."""
    return (content_type or "").partition(";")[0].strip().lower()
