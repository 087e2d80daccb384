"""What surrounds every handler: refusals as JSON, compression, and a limit to the time of writing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from gateway.edge.encodings import compress
from gateway.edge.refusals import refusal
from gateway.errors import BAD_REQUEST

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_MESSAGES = {
    400: "The request does not follow HTTP.",
    404: "There is nothing at this path; the API is at /graphql.",
    405: "This path does not accept the method.",
    413: "The body is larger than this server accepts.",
}


def answer_within(write_limit_s: float) -> Middleware:
    """The middleware. A client that does not read its answer in this time loses its connection."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await _answer(request, handler)
        if isinstance(response, web.Response):
            compress(request, response)
        if not request.content.is_eof():
            # The rest of the body is still to come, and is not read.
            response.force_close()
        await _write(request, response, write_limit_s)
        return response

    return middleware


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The handler's answer, or the refusal of the request."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        # A few kilobytes may hold gigabytes, so no body is decompressed.
        headers = {"Accept-Encoding": "identity"}
        return refusal(415, "The body must be sent as it is, without Content-Encoding.", headers=headers)
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        allow = error.headers.get(hdrs.ALLOW)
        message = _MESSAGES.get(error.status, error.reason)
        return refusal(error.status, message, headers={"Allow": allow} if allow else None)
    except (ConnectionError, web.RequestPayloadError):
        # The client left, or broke its own request off.
        return refusal(400, "The body of the request is incomplete or malformed.", code=BAD_REQUEST)
    except Exception:
        log.exception("unexpected error", path=request.path)
        return refusal(500, "Erreur interne.")


async def _write(request: web.Request, response: web.StreamResponse, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await response.prepare(request)
            await response.write_eof()
    except TimeoutError:
        log.info("client does not read its answer", path=request.path)
        if request.transport is not None:
            request.transport.abort()
