"""Serves gRPC, with errors, logs, metrics, deadlines, health, reflection and a graceful stop."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import grpc
import structlog
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health
from grpc_reflection.v1alpha import reflection
from prometheus_client import start_http_server

from services.common import deadline
from services.common.caller import CALLER_KEY, MAX_CALLER_CHARS, caller
from services.common.collector import tune_collector
from services.common.errors import (
    STATUS_DETAILS_KEY,
    DeadlineExceeded,
    InvalidRequest,
    Problem,
    ServiceError,
    reason_of,
    to_status_details,
)
from services.common.log import request_id
from services.common.metrics import RPC_SECONDS, RPC_TOTAL
from services.common.settings import MAX_MESSAGE_BYTES, ServiceSettings

if TYPE_CHECKING:
    # Generic in the stubs only.
    _Context = grpc.aio.ServicerContext[Any, Any]
    _Handler = grpc.RpcMethodHandler[Any, Any]

log = structlog.get_logger(__name__)

HEALTH_PERIOD_S = 2.0

_TURN_S = 0.001
"""Time that a computing thread takes from the event loop at each turn; Python's default is 5 ms."""

MAX_DETAIL_CHARS = 1_000
"""Longest text of a status. It is sent in metadata, whose size clients limit."""

Ping = Callable[[], Awaitable[None]]


async def serve(
    service_name: str, add_servicer: Callable[[grpc.aio.Server], None], ping: Ping, settings: ServiceSettings
) -> None:
    """Serve until SIGINT or SIGTERM.

    `service_name` is the full name of the proto service; `ping` raises when the store does not
    answer, and the health service then says NOT_SERVING.
    """
    sys.setswitchinterval(_TURN_S)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    prefix = settings.model_config.get("env_prefix", "")
    if settings.metrics_port is not None:
        try:
            start_http_server(settings.metrics_port, settings.host)
        except OSError as error:
            where = f"{settings.host}:{settings.metrics_port}"
            sys.exit(f"{prefix}METRICS_PORT: can't listen on {where}: {error.strerror or error}")
    address = f"{settings.host}:{settings.port}"
    try:
        async with running_server(service_name, add_servicer, ping, address, settings.stop_grace_s) as port:
            tune_collector()
            log.info("serving", address=settings.host, port=port)
            await stop.wait()
            log.info("stopping")
    except CannotListen as error:
        sys.exit(f"{prefix}PORT: {error}")


class CannotListen(Exception):
    """The port is taken, or the address is none of this machine; the message says which."""


@asynccontextmanager
async def running_server(
    service_name: str,
    add_servicer: Callable[[grpc.aio.Server], None],
    ping: Ping,
    address: str = "127.0.0.1:0",
    grace_s: float = 1.0,
) -> AsyncIterator[int]:
    """A server that listens during the block, on a free port if the port is 0. Raises CannotListen."""
    server = grpc.aio.server(
        interceptors=[RequestInterceptor()],
        options=[
            ("grpc.so_reuseport", 0),
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            # Our clients ping idle connections to detect a dead peer. By default the server would close them:
            # https://grpc.io/docs/guides/keepalive/
            ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ],
    )
    add_servicer(server)
    health_servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    reflection.enable_server_reflection(
        (service_name, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME),
        server,
    )
    try:
        port = server.add_insecure_port(address)
    except RuntimeError as error:
        raise CannotListen(f"can't listen on {address}: the port is taken, or the host is wrong") from error
    serving = await _publish_health(health_servicer, service_name, ping, was_serving=None)
    await server.start()
    watch = asyncio.create_task(_watch_health(health_servicer, service_name, ping, serving))
    try:
        yield port
    finally:
        watch.cancel()
        await health_servicer.enter_graceful_shutdown()
        await server.stop(grace_s)


async def _watch_health(
    servicer: health.HealthServicer, service_name: str, ping: Ping, was_serving: bool
) -> None:
    while True:
        was_serving = await _publish_health(servicer, service_name, ping, was_serving)
        await asyncio.sleep(HEALTH_PERIOD_S)


async def _publish_health(
    servicer: health.HealthServicer, service_name: str, ping: Ping, was_serving: bool | None
) -> bool:
    reason = ""
    try:
        await asyncio.wait_for(ping(), HEALTH_PERIOD_S)
    except Exception as error:  # noqa: BLE001 - whatever a store raises, it does not serve
        silent = not str(error) and not str(error.__cause__ or "")
        reason = f"no answer within {HEALTH_PERIOD_S:g} s" if silent else reason_of(error)
    serving = not reason
    if serving != was_serving and not (serving and was_serving is None):
        event = "health changed" if was_serving is not None else "not serving yet, still trying"
        log.warning(event, serving=serving, reason=reason)
    status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
    for name in ("", service_name):
        await servicer.set(name, status)
    return serving


class RequestInterceptor(grpc.aio.ServerInterceptor):
    """Adds request id, deadline, one log line, metrics and public errors to each unary RPC."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[_Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> _Handler | None:
        """Wrap the handler of a unary RPC. Handlers of streams (health, reflection) are not changed."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler
        method = handler_call_details.method
        inner: Callable[[Any, Any], Any] = handler.unary_unary
        parse, serialize = handler.request_deserializer, handler.response_serializer
        metadata = handler_call_details.invocation_metadata or ()
        incoming_id = _metadata_value(metadata, "x-request-id")
        asking = _metadata_value(metadata, CALLER_KEY)[:MAX_CALLER_CHARS]

        async def answer(content: bytes, context: _Context) -> bytes:
            response = await inner(_parsed(method, parse, content), context)
            return bytes(serialize(response) if serialize else response)

        async def observed(content: bytes, context: Any) -> Any:
            request_id.set(incoming_id)
            caller.set(asking)
            deadline.start(context.time_remaining())
            return await _observe(method, answer, content, context)

        # gRPC itself would turn an error of the parsing or of the serialisation into UNKNOWN, with the name
        # of a Python class: here both happen under observation.
        return grpc.unary_unary_rpc_method_handler(observed)


def _parsed(method: str, parse: Callable[[bytes], Any] | None, content: bytes) -> Any:
    if parse is None:
        return content
    try:
        return parse(content)
    except DecodeError:
        right = "sérialisez en protobuf le message que le contrat de protos/ donne à cette méthode"
        # The error of protobuf may quote the bytes, which may hold what a person sent.
        raise InvalidRequest([Problem("request", f"octets illisibles pour {method} ; {right}")]) from None


async def _observe(
    method: str, answer: Callable[[bytes, _Context], Awaitable[bytes]], content: bytes, context: _Context
) -> Any:
    began = time.perf_counter()
    status = grpc.StatusCode.OK
    try:
        return await answer(content, context)
    except ServiceError as error:
        status = error.status
        await _abort(context, error)
    except TimeoutError:
        status = grpc.StatusCode.DEADLINE_EXCEEDED
        await _abort(context, DeadlineExceeded("the time was up before the store answered"))
    except asyncio.CancelledError:
        status = grpc.StatusCode.CANCELLED
        raise
    except Exception:
        status = grpc.StatusCode.INTERNAL
        log.exception("unexpected error", method=method)
        await context.abort(grpc.StatusCode.INTERNAL, "internal error")
    finally:
        elapsed_s = time.perf_counter() - began
        RPC_SECONDS.labels(method).observe(elapsed_s)
        RPC_TOTAL.labels(method, status.name).inc()
        level = log.debug if method.startswith("/grpc.health") else log.info
        level("rpc", method=method, status=status.name, elapsed_ms=round(elapsed_s * 1000, 2))


async def _abort(context: _Context, error: ServiceError) -> None:
    metadata: list[tuple[str, str | bytes]] = [("x-error", type(error).__name__)]
    if isinstance(error, InvalidRequest):
        metadata.append((STATUS_DETAILS_KEY, to_status_details(error)))
    await context.abort(error.status, error.message[:MAX_DETAIL_CHARS], tuple(metadata))


def _metadata_value(metadata: Iterable[tuple[str, str | bytes]], key: str) -> str:
    return next((str(value) for name, value in metadata if name == key), "")
