"""GraphQL over HTTP: https://graphql.github.io/graphql-over-http/draft/."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, TypeGuard

import orjson
import structlog
from aiohttp import web
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from prometheus_client import Histogram
from strawberry.aiohttp.views import GraphQLView
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionResult

from gateway.context import Context
from gateway.edge.media_types import GRAPHQL_RESPONSE, answer_type
from gateway.errors import BAD_REQUEST, INTERNAL, PARSE_FAILED
from gateway.schema import Schema
from services.common import deadline
from services.common.log import request_id

log = structlog.get_logger(__name__)

OPERATION_SECONDS = Histogram(
    "lba_operation_seconds",
    "Time taken by each GraphQL operation, by its end.",
    ["result"],
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
MAX_REQUEST_ID = 64
RESULT = web.ResponseKey("result", str)


class View(GraphQLView[Context, None]):
    """The endpoint: a context, a budget, a log line and a status for each request."""

    def __init__(
        self, schema: Schema, new_context: Callable[[str], Context], *, budget_s: float, ide_page: str
    ) -> None:
        """`new_context` gets the Authorization header of a request, or an empty text without one."""
        super().__init__(schema=schema, graphql_ide="graphiql", subscription_protocols=())
        self._new_context = new_context
        self._budget_s = budget_s
        self._ide_page = ide_page

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        current_id = _request_id(request)
        request_id.set(current_id)
        deadline.start(self._budget_s)
        began = time.perf_counter()
        context = self._new_context(request.headers.get("authorization", ""))
        try:
            response = await self.run(request, context=context)
        except HTTPException as error:
            response = _refusal(request, error)
        finally:
            context.close()
        elapsed_s = time.perf_counter() - began
        result = response.get(RESULT, "none")
        OPERATION_SECONDS.labels(result).observe(elapsed_s)
        log.info("operation", status=response.status, result=result, elapsed_ms=round(elapsed_s * 1000, 1))
        response.headers["x-request-id"] = current_id
        response.headers["Vary"] = "Accept"
        return response

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
        sub_response.body = orjson.dumps(response_data)
        return sub_response

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        data = await super().parse_http_body(request)
        if isinstance(data, GraphQLRequestData):
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
    """The response to a request that does not follow GraphQL over HTTP."""
    response = _empty_answer(request)
    by_get = isinstance(error.__cause__, InvalidOperationTypeError)
    response.set_status(405 if by_get else error.status_code)
    if response.status == 405:
        response.headers["Allow"] = "POST" if by_get else "GET, POST"
    body = {"errors": [{"message": error.reason, "extensions": {"code": BAD_REQUEST}}]}
    response.body = orjson.dumps(body)
    response[RESULT] = "malformed"
    return response


def _request_id(request: web.Request) -> str:
    given = request.headers.get("x-request-id", "")
    if given.isascii() and given.isprintable() and 0 < len(given) <= MAX_REQUEST_ID:
        return given
    return uuid.uuid4().hex


def _codes(data: Any) -> Iterable[str]:
    for error in data.get("errors", ()) if isinstance(data, dict) else ():
        yield error.get("extensions", {}).get("code", "")
