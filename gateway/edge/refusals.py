"""HTTP answers to requests that are not executed: always JSON with a code."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from aiohttp import web
from cross_web import HTTPException

from gateway.edge.gate import TooBusy
from gateway.errors import (
    BAD_REQUEST,
    BODY_TOO_LARGE,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    OVERLOADED,
    RATE_LIMITED,
    UNSUPPORTED_ENCODING,
    shortened,
)


class Refusal(HTTPException):
    """A request that is not executed; its answer is one error with this code."""

    def __init__(
        self, status: int, message: str, code: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, message)
        self.code = code
        self.headers = headers or {}


CODE_OF_STATUS = {
    404: NOT_FOUND,
    405: METHOD_NOT_ALLOWED,
    413: BODY_TOO_LARGE,
    415: UNSUPPORTED_ENCODING,
    500: INTERNAL,
}
"""The `extensions.code` of what is refused outside of the endpoint, by status; BAD_REQUEST for others."""


def refusal_body(message: str, code: str) -> bytes:
    """The JSON of one error, in the form of GraphQL."""
    return orjson.dumps({"errors": [{"message": shortened(message), "extensions": {"code": code}}]})


def refusal(
    status: int, message: str, *, code: str = "", headers: Mapping[str, str] | None = None
) -> web.Response:
    """The answer with one error. Without `code`, that of the status."""
    body = refusal_body(message, code or CODE_OF_STATUS.get(status, BAD_REQUEST))
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)


def busy_refusal(busy: TooBusy) -> Refusal:
    """The refusal of an operation for which there is no place."""
    headers = {"Retry-After": str(busy.retry_s)}
    if busy.of_caller:
        message = "Too many requests of this caller are being answered; wait for their answers."
        return Refusal(429, message, RATE_LIMITED, headers)
    return Refusal(503, "Too many requests are being answered; ask again in a moment.", OVERLOADED, headers)
