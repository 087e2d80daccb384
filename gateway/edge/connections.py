"""Bounds what connections may cost: how many there are, and how long each may take to send a request."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import hdrs, web
from prometheus_client import Counter as Metric

from gateway.edge.callers import Callers
from gateway.edge.headers import add_headers
from gateway.edge.refusals import refusal_body
from gateway.errors import BAD_REQUEST, INTERNAL, RATE_LIMITED, shortened

log = structlog.get_logger(__name__)

REFUSED = Metric("lba_connections_refused_total", "Connections closed by the server's limits.", ["why"])

_LINGER_S = 1.0
"""Seconds for which the rest of a refused body is read, so that the client sees the answer."""


@dataclass(frozen=True)
class ConnectionLimits:
    """The limits of one process; `gateway/settings.py` describes each."""

    idle_s: float
    header_s: float
    per_address: int
    total: int


class _BareResponse(web.Response):
    """A response without the name of the server's software, for requests that have no application."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall(hdrs.SERVER, None)


class Connection(web.RequestHandler):
    """One connection. It is closed when the headers of a request take too long."""

    __slots__ = ("_header_timer", "_limits")

    def __init__(self, manager: web.Server, limits: ConnectionLimits, **options: Any) -> None:
        super().__init__(manager, **options)
        self._limits = limits
        self._header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._start_header_timer()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_header_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        received = self._request_count
        super().data_received(data)
        if self._request_count > received:
            self._stop_header_timer()
        elif self._waiter is not None and self._header_timer is None:
            # The first bytes of one more request.
            self._start_header_timer()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is not HTTP, which reaches no handler."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was begun, so no other one can be sent")
        if status >= 500:
            log.error("unexpected error", exc_info=exc)
            body = refusal_body("Erreur interne.", INTERNAL)
        else:
            log.info("not HTTP", reason=shortened(str(message or exc)))
            body = refusal_body(f"The request does not follow HTTP: {message}", BAD_REQUEST)
        response = _BareResponse(status=status, body=body, content_type="application/json")
        add_headers(response)
        response.force_close()
        return response

    def _start_header_timer(self) -> None:
        loop = asyncio.get_running_loop()
        self._header_timer = loop.call_later(self._limits.header_s, self._give_up)

    def _stop_header_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _give_up(self) -> None:
        REFUSED.labels("slow_headers").inc()
        if self.transport is not None:
            self.transport.abort()


class Server(web.Server):
    """Makes the connections, and refuses those that are too many."""

    def __init__(self, inner: web.Server, limits: ConnectionLimits, callers: Callers, **options: Any) -> None:
        super().__init__(
            inner.request_handler,
            request_factory=inner.request_factory,
            handler_cancellation=inner.handler_cancellation,
        )
        self._limits = limits
        self._callers = callers
        self._options = options
        self._by_address: Counter[str] = Counter()
        self._addresses: dict[web.RequestHandler, str] = {}

    def __call__(self) -> web.RequestHandler:
        loop = asyncio.get_running_loop()
        return Connection(self, self._limits, loop=loop, **self._options)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if peer else ""
        if self._is_too_many(address):
            REFUSED.labels("too_many").inc()
            transport.write(_TOO_MANY)
            handler.force_close()
            return
        self._by_address[address] += 1
        self._addresses[handler] = address

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        address = self._addresses.pop(handler, None)
        if address is not None:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]

    def _is_too_many(self, address: str) -> bool:
        if len(self._addresses) >= self._limits.total:
            return True
        # A proxy of ours has the connections of all its clients.
        return self._by_address[address] >= self._limits.per_address and not self._callers.is_trusted(address)


class Runner(web.AppRunner):
    """Serves an application through connections with limits."""

    def __init__(
        self, app: web.Application, limits: ConnectionLimits, callers: Callers, **options: Any
    ) -> None:
        # A client that leaves cancels its request, and with it the calls to the services.
        super().__init__(app, access_log=None, handler_cancellation=True, **options)
        self._limits = limits
        self._callers = callers

    async def _make_server(self) -> web.Server:
        inner = await super()._make_server()
        return Server(
            inner,
            self._limits,
            self._callers,
            access_log=None,
            # `middleware.py` refuses compressed bodies.
            auto_decompress=False,
            keepalive_timeout=self._limits.idle_s,
            lingering_time=_LINGER_S,
        )


def _too_many() -> bytes:
    body = refusal_body(
        "Too many connections are open; close some, or use one for several requests.", RATE_LIMITED
    )
    head = (
        "HTTP/1.1 429 Too Many Requests",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Retry-After: 1",
        "Connection: close",
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


_TOO_MANY = _too_many()
