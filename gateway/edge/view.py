"""GraphQL over HTTP."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, TypeGuard

import orjson
import structlog
from aiohttp import web
from cross_web import HTTPException
from prometheus_client import Histogram
from strawberry.aiohttp.views import GraphQLView
from strawberry.http import GraphQLHTTPResponse

from gateway.context import Context
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
        """`new_context` takes the Authorization header of a request, empty when absent."""
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
            response = self._malformed(error)
        finally:
            context.close()
        elapsed_s = time.perf_counter() - began
        result = response.get(RESULT, "none")
        OPERATION_SECONDS.labels(result).observe(elapsed_s)
        log.info("operation", status=response.status, result=result, elapsed_ms=round(elapsed_s * 1000, 1))
        response.headers["x-request-id"] = current_id
        return response

    def is_websocket_request(self, request: web.Request) -> TypeGuard[web.Request]:  # noqa: ARG002 - as below
        # There is no subscription; strawberry would make and try a WebSocket for every request.
        return False

    async def render_graphql_ide(self, request: web.Request) -> web.Response:  # noqa: ARG002 - strawberry's signature
        return web.Response(text=self._ide_page, content_type="text/html")

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: web.Response
    ) -> web.Response:
        codes = set(_codes(response_data))
        sub_response[RESULT] = "errors" if codes else "ok"
        # A text that is no GraphQL is a malformed request; everything later is an answer, HTTP 200.
        sub_response.set_status(400 if "GRAPHQL_PARSE_FAILED" in codes else 200)
        sub_response.body = orjson.dumps(response_data)
        sub_response.content_type = "application/json"
        return sub_response

    def parse_json(self, data: str | bytes) -> Any:
        value = super().parse_json(data)
        if not isinstance(value, dict | list):
            raise HTTPException(400, "The request must be a JSON object with a query")
        return value

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)

    def _malformed(self, error: HTTPException) -> web.Response:
        body = {"errors": [{"message": error.reason, "extensions": {"code": "BAD_REQUEST"}}]}
        response = web.Response(
            body=orjson.dumps(body), status=error.status_code, content_type="application/json"
        )
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
