from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from contextlib import AsyncExitStack

import grpc
import pytest
from google.protobuf.descriptor_pb2 import MethodOptions

from services.common.caller import MAX_CALLER_CHARS, caller
from services.common.channel import call_metadata, open_channel, reads_of
from services.common.errors import NotFound, ServiceError, UpstreamUnavailable
from services.common.log import request_id
from services.common.server import running_server
from tests.support.common.contracts import service_of
from tests.support.common.scripted import (
    BOOKING,
    QUESTION,
    ScriptedRdv,
    client_of,
    do_nothing,
    failing,
    serving,
)

AWAY = UpstreamUnavailable("the store does not answer")


async def status_of(call: Awaitable[object]) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return raised.value.code()


async def test_request_id_goes_on_to_the_service() -> None:
    seen: list[str] = []

    async def look() -> None:
        seen.append(request_id.get())

    async with serving(ScriptedRdv(look)) as address, client_of(address) as rdv:
        await rdv.ListCreneaux(QUESTION, metadata=call_metadata())
        token = request_id.set("r-42")
        await rdv.ListCreneaux(QUESTION, metadata=call_metadata())
        await rdv.BookRendezVous(BOOKING, metadata=call_metadata((("authorization", "Bearer x"),)))
        request_id.reset(token)

    assert seen == ["", "r-42", "r-42"]


async def test_caller_goes_on_to_the_service_and_is_cut_where_it_is_too_long() -> None:
    seen: list[str] = []

    async def look() -> None:
        seen.append(caller.get())

    async with serving(ScriptedRdv(look)) as address, client_of(address) as rdv:
        await rdv.ListCreneaux(QUESTION, metadata=call_metadata())
        token = caller.set("c" * 1_000)
        await rdv.ListCreneaux(QUESTION, metadata=call_metadata())
        caller.reset(token)

    assert seen == ["", "c" * MAX_CALLER_CHARS]


async def test_idempotent_call_is_tried_again_when_the_service_is_unavailable() -> None:
    async def fail_once() -> None:
        if len(servicer.calls) == 1:
            raise AWAY

    servicer = ScriptedRdv(fail_once)
    async with serving(servicer) as address, client_of(address) as rdv:
        await rdv.ListCreneaux(QUESTION)

    assert servicer.calls == ["ListCreneaux"] * 2


async def test_idempotent_call_is_tried_again_once_only() -> None:
    servicer = ScriptedRdv(failing(AWAY))
    async with serving(servicer) as address, client_of(address) as rdv:
        status = await status_of(rdv.ListCreneaux(QUESTION))

    assert status is grpc.StatusCode.UNAVAILABLE
    assert servicer.calls == ["ListCreneaux"] * 2


async def test_write_is_never_tried_again() -> None:
    servicer = ScriptedRdv(failing(AWAY))
    async with serving(servicer) as address, client_of(address) as rdv:
        status = await status_of(rdv.BookRendezVous(BOOKING))

    assert status is grpc.StatusCode.UNAVAILABLE
    assert servicer.calls == ["BookRendezVous"]


async def test_only_methods_that_say_that_they_change_nothing_are_tried_again() -> None:
    service = service_of(
        Look=MethodOptions.NO_SIDE_EFFECTS,
        Put=MethodOptions.IDEMPOTENT,
        Silent=None,
        Listen=MethodOptions.NO_SIDE_EFFECTS,
    )
    calls: list[str] = []

    def handler(name: str) -> grpc.RpcMethodHandler[bytes, bytes]:
        async def fail(_request: bytes, _context: object) -> bytes:
            calls.append(name)
            raise AWAY

        return grpc.unary_unary_rpc_method_handler(fail)

    def add(server: grpc.aio.Server) -> None:
        handlers = {method.name: handler(method.name) for method in service.methods}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, handlers),))

    async with (
        running_server(service.full_name, add, do_nothing) as port,
        open_channel(f"127.0.0.1:{port}", service) as channel,
    ):
        for method in service.methods:
            call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
                f"/{service.full_name}/{method.name}"
            )
            assert await status_of(call(b"")) is grpc.StatusCode.UNAVAILABLE

    assert reads_of(service) == {"Look", "Listen"}
    assert Counter(calls) == {"Look": 2, "Listen": 2, "Put": 1, "Silent": 1}


@pytest.mark.parametrize("error", [NotFound("aucune"), RuntimeError("a bug")])
async def test_other_failures_are_not_tried_again(error: Exception) -> None:
    servicer = ScriptedRdv(failing(error))
    expected = error.status if isinstance(error, ServiceError) else grpc.StatusCode.INTERNAL

    async with serving(servicer) as address, client_of(address) as rdv:
        status = await status_of(rdv.ListCreneaux(QUESTION))

    assert (status, servicer.calls) == (expected, ["ListCreneaux"])


async def test_service_that_is_away_is_known_long_before_the_deadline() -> None:
    async with serving(ScriptedRdv()) as address:
        pass

    async with client_of(address) as rdv:
        calls = (rdv.ListCreneaux(QUESTION, timeout=60), rdv.BookRendezVous(BOOKING, timeout=60))
        statuses = [await status_of(call) for call in calls]

    assert statuses == [grpc.StatusCode.UNAVAILABLE] * 2


@pytest.mark.slow
async def test_restarted_service_is_reached_again_without_a_growing_wait() -> None:
    servicer = ScriptedRdv()
    server = AsyncExitStack()
    address = await server.enter_async_context(serving(servicer))
    async with client_of(address) as rdv:
        await rdv.ListCreneaux(QUESTION)
        await server.aclose()
        assert await status_of(rdv.BookRendezVous(BOOKING)) is grpc.StatusCode.UNAVAILABLE
        await attempts(address, 6)
        async with serving(servicer, address=address):
            # With the default backoff the next attempt would come ten seconds after the sixth.
            await rdv.BookRendezVous(BOOKING, wait_for_ready=True, timeout=8)

    assert servicer.calls == ["ListCreneaux", "BookRendezVous"]


async def attempts(address: str, count: int) -> None:
    """Close `count` connections at once, after which the wait between attempts has its maximum.

    Six attempts take about a second, and 15 seconds with the defaults of gRPC.
    """
    enough = asyncio.Event()
    seen = 0

    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        seen += 1
        writer.close()
        if seen == count:
            enough.set()

    host, port = address.split(":")
    async with await asyncio.start_server(hang_up, host, int(port)):
        await asyncio.wait_for(enough.wait(), 10)


async def test_calls_are_spread_over_the_replicas_and_survive_the_loss_of_one() -> None:
    first, second = ScriptedRdv(), ScriptedRdv()
    lost = AsyncExitStack()
    async with serving(first) as one:
        other = await lost.enter_async_context(serving(second))
        async with client_of(f"ipv4:{one},{other}") as rdv:
            async with asyncio.timeout(30):
                while not (first.calls and second.calls):
                    await rdv.ListCreneaux(QUESTION)
            answered = len(first.calls)
            await lost.aclose()
            for _ in range(10):
                await rdv.ListCreneaux(QUESTION)

    assert len(first.calls) == answered + 10
