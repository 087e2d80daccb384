"""Real gRPC servers whose answers a test writes: to make a service late, wrong, absent or liar.

They speak the contracts on a real port; what the real services answer is tested in tests/e2e.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway.settings import Settings
from protos.services import SERVICES
from services.common.server import running_server

Script = Callable[[Any], Awaitable[Message]]


@dataclass
class Scripts:
    """What each method answers; one that is not scripted answers with an empty message."""

    by_method: dict[str, Script] = field(default_factory=dict)
    calls: list[tuple[str, Message]] = field(default_factory=list)
    metadata: list[dict[str, str]] = field(default_factory=list)
    _called: asyncio.Event = field(default_factory=asyncio.Event)

    def answer(self, method: str, message: Message) -> None:
        async def script(_: Any) -> Message:
            return message

        self.by_method[method] = script

    def fail(self, method: str, error: Exception) -> None:
        async def script(_: Any) -> Message:
            raise error

        self.by_method[method] = script

    async def reached(self, method: str, times: int) -> None:
        """Wait until a method was called so often."""
        async with asyncio.timeout(30):
            while self.called(method) < times:
                self._called.clear()
                await self._called.wait()

    def record(self, method: str, request: Message, metadata: dict[str, str]) -> None:
        self.calls.append((method, request))
        self.metadata.append(metadata)
        self._called.set()

    def forget(self, since: int = 0) -> None:
        """As if the calls from that one on had not been made."""
        del self.calls[since:]
        del self.metadata[since:]

    def called(self, method: str) -> int:
        return sum(name == method for name, _ in self.calls)


@asynccontextmanager
async def scripted_services(scripts: Scripts) -> AsyncIterator[Mapping[str, str]]:
    """The services, by name, at the addresses given."""
    async with AsyncExitStack() as stack:
        addresses = {}
        for service in SERVICES:
            adder = _adder(service.descriptor, scripts)
            server = running_server(service.descriptor.full_name, adder, _healthy)
            addresses[service.name] = f"127.0.0.1:{await stack.enter_async_context(server)}"
        yield addresses


def settings_for(addresses: Mapping[str, str], **more: Any) -> Settings:
    """Gateway settings for services at these addresses."""
    given: dict[str, Any] = {f"{name}_address": address for name, address in addresses.items()}
    return Settings(**given, **more)


async def never_answer(_: Any) -> Message:
    """The script of a service that hangs."""
    await asyncio.Event().wait()
    raise AssertionError


async def _healthy() -> None:
    """Nothing to check: there is no store."""


def _adder(service: ServiceDescriptor, scripts: Scripts) -> Callable[[grpc.aio.Server], None]:
    handlers = {
        method.name: grpc.unary_unary_rpc_method_handler(
            _handler(method.name, GetMessageClass(method.output_type), scripts),
            request_deserializer=GetMessageClass(method.input_type).FromString,
            response_serializer=_serialize,
        )
        for method in service.methods
    }

    def add(server: grpc.aio.Server) -> None:
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, handlers),))

    return add


def _serialize(message: Message | bytes) -> bytes:
    return message if isinstance(message, bytes) else message.SerializeToString()


def _handler(
    name: str, response: type[Message], scripts: Scripts
) -> Callable[[Any, Any], Awaitable[Message]]:
    async def handle(request: Message, context: Any) -> Message:
        metadata = {str(key): str(value) for key, value in context.invocation_metadata()}
        scripts.record(name, request, metadata)
        script = scripts.by_method.get(name)
        return await script(request) if script else response()

    return handle
