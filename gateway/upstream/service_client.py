"""Calls a service: with a deadline, sharing identical calls, through a circuit breaker, with timing."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2
from prometheus_client import Histogram

from gateway.execution.lazy import LazyChannel
from gateway.upstream.breaker import CircuitBreaker
from protos.services import Service
from services.common.caller import caller
from services.common.channel import DEFAULT_TIMEOUT_S, Metadata, call_metadata, open_channel, reads_of
from services.common.deadline import ends_at, is_mostly_left, remaining_s
from services.common.errors import DeadlineExceeded, UpstreamUnavailable, from_rpc
from services.common.single_flight import SingleFlight

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)
Stub = TypeVar("Stub")

if TYPE_CHECKING:
    # Generic in the stubs only.
    Method = grpc.aio.UnaryUnaryMultiCallable[Req, Res]

CALL_SECONDS = Histogram(
    "lba_call_seconds",
    "Time that the gateway waited for a service.",
    ["service", "method"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


class ServiceClient(Generic[Stub]):
    """One service: its channel, its stub, and how its methods are called."""

    def __init__(
        self,
        service: Service[Stub],
        address: str,
        *,
        lazy: bool = False,
        by_caller: bool = False,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        """`lazy` leaves the `edges` of answers unparsed (see `execution/lazy.py`).

        `by_caller` shares calls between the requests of one caller only, for a service that gives each
        caller a share of its own; it may share the work itself.
        """
        self.name = service.name
        self._service_name = service.descriptor.full_name
        self._read_methods = reads_of(service.descriptor)
        self._channel = open_channel(address, service.descriptor)
        self.stub = service.stub(_lazy(self._channel, service.descriptor) if lazy else self._channel)
        self._check_health = self._channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        self._by_caller = by_caller
        self._breaker = breaker or CircuitBreaker()
        self._reads: SingleFlight[tuple[str, str, bytes], Any] = SingleFlight()
        self._timers: dict[str, Histogram] = {}

    async def read(self, method: Method[Req, Res], request: Req) -> Res:
        """Call a method whose contract says that it changes nothing; identical calls in flight are made once.

        Raises a ServiceError.
        """
        name = method_name(method)
        if name not in self._read_methods:
            raise TypeError(f"{self._service_name}.{name} may change something: call it with write")
        whose = caller.get() if self._by_caller else ""
        key = (name, whose, request.SerializeToString(deterministic=True))
        ask = partial(self._call, method, request, ())
        try:
            answer: Res = await self._reads.join(key, ask, ends_at(DEFAULT_TIMEOUT_S))
        except TimeoutError:
            raise DeadlineExceeded(f"{self.name} was too slow") from None
        return answer

    async def write(self, method: Method[Req, Res], request: Req, metadata: Metadata = ()) -> Res:
        """Call a method that may change something, once. Raises a ServiceError."""
        name = method_name(method)
        if name in self._read_methods:
            raise TypeError(f"{self._service_name}.{name} changes nothing: call it with read")
        return await self._call(method, request, metadata)

    async def is_serving(self, timeout_s: float = 1.0) -> bool:
        """Whether the gRPC health service of the service says SERVING."""
        request = health_pb2.HealthCheckRequest(service=self._service_name)
        try:
            answer = await self._check_health(request, timeout=timeout_s)
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    async def close(self) -> None:
        await self._channel.close()

    def _timer(self, method: str) -> Histogram:
        # Looking up a metric by its labels costs more than observing it, so the result is kept.
        timer = self._timers.get(method)
        if timer is None:
            timer = self._timers[method] = CALL_SECONDS.labels(self.name, method)
        return timer

    async def _call(self, method: Method[Req, Res], request: Req, metadata: Metadata) -> Res:
        trial = self._breaker.enter()
        worked: bool | None = None
        # A service that was asked near the end of a request's time is not to blame for being late.
        had_time = is_mostly_left()
        began = time.perf_counter()
        try:
            answer = await method(
                request, timeout=remaining_s(DEFAULT_TIMEOUT_S), metadata=call_metadata(metadata)
            )
            # gRPC returns None, and logs why, for bytes that are not a valid message.
            worked = cast("Res | None", answer) is not None
        except grpc.aio.AioRpcError as rpc_error:
            error = from_rpc(rpc_error)
            if isinstance(error, DeadlineExceeded):
                worked = False if had_time else None
            else:
                worked = not isinstance(error, UpstreamUnavailable)
            raise error from rpc_error
        finally:
            self._breaker.leave(worked=worked, trial=trial)
            self._timer(method_name(method)).observe(time.perf_counter() - began)
        if not worked:
            raise UpstreamUnavailable(f"{self.name} answered with bytes that are no message of the contract")
        return answer


def _lazy(channel: grpc.aio.Channel, service: ServiceDescriptor) -> grpc.aio.Channel:
    answers = {
        f"/{service.full_name}/{method.name}": GetMessageClass(cast("Any", method.output_type))
        for method in service.methods
    }
    return cast("grpc.aio.Channel", LazyChannel(channel, answers))


def method_name(method: Method[Any, Any]) -> str:
    """`SearchFormations` for the stub's method of that name."""
    path: bytes = method._method  # type: ignore[attr-defined]  # noqa: SLF001 - grpc gives no public way
    return path.decode().rpartition("/")[2]
