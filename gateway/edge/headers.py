"""The headers of every answer: what pages of other origins may do, and what browsers must not."""

from __future__ import annotations

from aiohttp import hdrs, web

from gateway.edge.callers import API_KEY_HEADER

_ACCEPTED = (
    *("accept", "authorization", "content-type", "x-request-id", API_KEY_HEADER.lower()),
    # Apollo's clients: https://www.apollographql.com/docs/graphos/platform/insights/client-segmentation
    *("apollographql-client-name", "apollographql-client-version", "apollo-require-preflight"),
    # https://www.w3.org/TR/trace-context/ and https://www.w3.org/TR/baggage/, which OpenTelemetry sends
    *("traceparent", "tracestate", "baggage"),
    # https://docs.sentry.io/platforms/javascript/tracing/distributed-tracing/
    "sentry-trace",
)
_EXPOSED = (
    *("x-request-id", "retry-after"),
    *("ratelimit-limit", "ratelimit-policy", "ratelimit-remaining", "ratelimit-reset"),
)

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    # GraphiQL's editor sets the style of its elements.
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_OTHER_POLICY = "default-src 'none'; frame-ancestors 'none'"

ALWAYS = {
    # The API is public and uses no cookie, so pages of any origin may call it.
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(_EXPOSED),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
PREFLIGHT = {
    "Access-Control-Allow-Headers": ", ".join(_ACCEPTED),
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Max-Age": "86400",
}


async def set_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Add them to an answer; aiohttp calls it before it sends one (`on_response_prepare`)."""
    add_headers(response)


def add_headers(response: web.StreamResponse) -> None:
    response.headers.update(ALWAYS)
    is_page = response.content_type == "text/html"
    response.headers.setdefault("Content-Security-Policy", _PAGE_POLICY if is_page else _OTHER_POLICY)
    response.headers.popall(hdrs.SERVER, None)
