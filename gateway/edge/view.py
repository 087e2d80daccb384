"""GraphQL over HTTP: https://graphql.github.io/graphql-over-http/draft/."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, TypeGuard

import orjson
import structlog
from aiohttp import web
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from prometheus_client import Histogram
from strawberry.aiohttp.views import GraphQLView
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionResult

from gateway.context import Context
from gateway.edge.callers import Caller, Callers
from gateway.edge.fair_use import FairUse, Share
from gateway.edge.gate import Gate, TooBusy
from gateway.edge.incoming import authorization_of, media_type, read_body, request_id_of
from gateway.edge.media_types import GRAPHQL_RESPONSE, answer_type
from gateway.edge.refusals import Refusal, busy_refusal, refusal_body
from gateway.errors import (
    BAD_REQUEST,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    PARSE_FAILED,
    PERSISTED_QUERY_NOT_SUPPORTED,
    RATE_LIMITED,
    TIMEOUT,
    UNSUPPORTED_MEDIA_TYPE,
    code_of,
)
from gateway.schema import Schema
from services.common import deadline
from services.common.caller import caller
from services.common.errors import Unauthenticated
from services.common.log import request_id

log = structlog.get_logger(__name__)

OPERATION_SECONDS = Histogram(
    "lba_operation_seconds",
    "Time taken by each GraphQL operation, by its end.",
    ["result"],
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
RETRY_AFTER_S = "retryAfterS"
"""The extension that tells when a caller may ask again."""

_COMPLETION_S = 0.5
"""Seconds that an operation has after its budget to write what its resolvers found."""

_BYTES_PER_POINT = 20
"""Bytes of a document that are parsed and validated in the time of one point."""

_TOO_FAST = (
    "This caller has too few points left for an operation of {points}; ask again in {wait_s} s, for less "
    "at a time, or with an API key (see RateLimit-Limit)."
)
NewContext = Callable[[str, Callable[[int], None]], Context]
RESULT = web.ResponseKey("result", str)


@dataclass(frozen=True)
class Guard:
    """What decides whether a request is served now."""

    callers: Callers
    fair_use: FairUse
    gate: Gate
    budget_s: float
    """Seconds from the arrival of a request to its answer."""
    body_limit_s: float
    """Seconds in which its body must arrive."""
    refusal_delay_s: float = 0.0
    """Seconds before a caller who asks too much is told so."""


class View(GraphQLView[Context, None]):
    """The endpoint: a caller, a budget, a turn, a context, a log line and a status for each request."""

    def __init__(self, schema: Schema, new_context: NewContext, *, guard: Guard, ide_page: str) -> None:
        """`new_context` gets the Authorization header of a request, or an empty text without one."""
        super().__init__(schema=schema, graphql_ide="graphiql", subscription_protocols=())
        self._new_context = new_context
        self._guard = guard
        self._ide_page = ide_page

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        current_id = request_id_of(request)
        request_id.set(current_id)
        began = time.perf_counter()
        share: Share | None = None
        try:
            asking = self._caller(request)
            caller.set(asking.name)
            response = await self._answer(request, asking)
            share = self._guard.fair_use.share(asking)
        except TooBusy as busy:
            response = _refusal(request, busy_refusal(busy))
        except HTTPException as error:
            response = _refusal(request, error)
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            # Who asks on without waiting would keep the process busy with refusals alone.
            await asyncio.sleep(self._guard.refusal_delay_s)
        elapsed_s = time.perf_counter() - began
        result = response.get(RESULT, "none")
        OPERATION_SECONDS.labels(result).observe(elapsed_s)
        log.info("operation", status=response.status, result=result, elapsed_ms=round(elapsed_s * 1000, 1))
        response.headers["x-request-id"] = current_id
        response.headers["Vary"] = "Accept"
        if share is not None:
            response.headers.update(share.headers())
        return response

    def _caller(self, request: web.Request) -> Caller:
        try:
            return self._guard.callers.of(request)
        except Unauthenticated as error:
            raise Refusal(401, error.message, code_of(error)) from None

    async def _answer(self, request: web.Request, asking: Caller) -> web.StreamResponse:
        """The answer to an operation. Raises HTTPException, or TooBusy."""
        guard = self._guard
        deadline.start(guard.budget_s)
        authorization = authorization_of(request)
        body = await read_body(request, guard.body_limit_s)
        guard.gate.check(asking.name)
        self._charge_reading(asking, len(body) + len(request.query_string))
        context = self._new_context(authorization, partial(self._charge, asking))
        try:
            # The resolvers end with the budget; the rest is for what they found to be written.
            async with (
                guard.gate.entered(asking.name) as turn,
                asyncio.timeout(guard.budget_s + _COMPLETION_S),
            ):
                return await turn.timed(self.run(request, context=context))
        except TimeoutError:
            raise Refusal(504, "The answer was not ready in time.", TIMEOUT) from None
        finally:
            context.close()

    def _charge_reading(self, asking: Caller, size: int) -> None:
        """Take the points of reading a document. Raises Refusal if too few are left."""
        wait_s, message = self._spend(asking, 1 + size // _BYTES_PER_POINT)
        if wait_s:
            raise Refusal(429, message, RATE_LIMITED, {"Retry-After": str(wait_s)})

    def _charge(self, asking: Caller, cost: int) -> None:
        """Take the points of an operation from the share. Raises GraphQLError if too few are left."""
        wait_s, message = self._spend(asking, cost)
        if wait_s:
            raise GraphQLError(message, extensions={"code": RATE_LIMITED, RETRY_AFTER_S: wait_s})

    def _spend(self, asking: Caller, points: int) -> tuple[int, str]:
        """Take points from the share. If too few are left: the seconds to wait, and the message for it."""
        fair_use = self._guard.fair_use
        if fair_use.spend(asking, points):
            return 0, ""
        wait_s = fair_use.wait_s(asking, points)
        return wait_s, _TOO_FAST.format(points=points, wait_s=wait_s)

    def is_websocket_request(self, request: web.Request) -> TypeGuard[web.Request]:  # noqa: ARG002 - as below
        # The schema has no subscription. strawberry would test every request with a WebSocket object.
        return False

    async def render_graphql_ide(self, request: web.Request) -> web.Response:  # noqa: ARG002 - strawberry's signature
        return web.Response(text=self._ide_page, content_type="text/html")

    async def get_sub_response(self, request: web.Request) -> web.Response:
        return _empty_answer(request)

    async def process_result(self, request: web.Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        response = await super().process_result(request, result)
        # An answer without `data` means that nothing was executed:
        # https://spec.graphql.org/September2025/#sec-Request-Error-Result
        if result.data is None and all(error.path is None for error in result.errors or ()):
            del response["data"]
        return response

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: web.Response
    ) -> web.Response:
        codes = set(_codes(response_data))
        sub_response[RESULT] = "errors" if codes else "ok"
        if "data" not in response_data:
            sub_response.set_status(_refusal_status(codes, sub_response.content_type))
        if RATE_LIMITED in codes and isinstance(response_data, dict):
            sub_response.set_status(429)
            sub_response.headers["Retry-After"] = str(_retry_after_s(response_data))
        sub_response.body = orjson.dumps(response_data)
        return sub_response

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        if request.method == "POST" and media_type(request.content_type) != "application/json":
            message = f"The body must be application/json, not '{request.content_type or ''}'."
            raise Refusal(415, message, UNSUPPORTED_MEDIA_TYPE)
        data = await super().parse_http_body(request)
        if isinstance(data, GraphQLRequestData):
            if not data.query and "persistedQuery" in (data.extensions or {}):
                # Apollo's clients then send the whole query:
                # https://www.apollographql.com/docs/apollo-server/performance/apq
                raise Refusal(200, "PersistedQueryNotSupported", PERSISTED_QUERY_NOT_SUPPORTED)
            name: object = data.operation_name
            if name is not None and not isinstance(name, str):
                raise HTTPException(400, "The `operationName` must be a string or null, if provided.")
            # An empty name counts as no name.
            data.operation_name = name or None
        return data

    def parse_json(self, data: str | bytes) -> Any:
        value = super().parse_json(data)
        if not isinstance(value, dict | list):
            raise HTTPException(400, "The request must be a JSON object with a query")
        return value

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)


def _empty_answer(request: web.Request) -> web.Response:
    """An empty response with the media type that the client prefers."""
    accept = ",".join(request.headers.getall("accept", ()))
    return web.Response(content_type=answer_type(accept), charset="utf-8")


def _refusal_status(codes: set[str], media_type: str) -> int:
    """The HTTP status of an answer without data."""
    if media_type == GRAPHQL_RESPONSE:
        return 500 if INTERNAL in codes else 400
    # A client may take a JSON answer with another status for a proxy's: only malformed requests get 400.
    return 400 if codes & {PARSE_FAILED, BAD_REQUEST} else 200


def _refusal(request: web.Request, error: HTTPException) -> web.Response:
    """The response to a request that does not follow GraphQL over HTTP, or is not served."""
    response = _empty_answer(request)
    by_get = isinstance(error.__cause__, InvalidOperationTypeError)
    response.set_status(405 if by_get else error.status_code)
    if response.status == 405:
        response.headers["Allow"] = "POST" if by_get else "GET, POST"
    code = METHOD_NOT_ALLOWED if response.status == 405 else BAD_REQUEST
    if isinstance(error, Refusal):
        code = error.code
        response.headers.update(error.headers)
    response.body = refusal_body(error.reason, code)
    response[RESULT] = "malformed" if code in (BAD_REQUEST, METHOD_NOT_ALLOWED) else code.lower()
    return response


def _retry_after_s(data: Any) -> int:
    return max(int(error["extensions"].get(RETRY_AFTER_S, 1)) for error in data["errors"])


def _codes(data: Any) -> Iterable[str]:
    for error in data.get("errors", ()) if isinstance(data, dict) else ():
        yield error.get("extensions", {}).get("code", "")
