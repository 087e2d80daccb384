from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from prometheus_client import REGISTRY

from protos import rdv_pb2_grpc
from services.common import deadline
from services.common.errors import InvalidRequest, NotFound, Problem, ServiceError, from_rpc
from tests.support.common.scripted import (
    BOOKING,
    QUESTION,
    READ,
    SERVICE_NAME,
    ScriptedRdv,
    client_of,
    do_nothing,
    failing,
    serving,
)
from tests.support.health import watch_health
from tests.support.logs import LogLines

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
ONE_MESSAGE_ERRORS = [kind for kind in ServiceError.__subclasses__() if kind is not InvalidRequest]


async def refusal(error: Exception, request_id: str = "") -> grpc.aio.AioRpcError:
    """The error of a client whose method raises `error` in the server, which has stopped on return."""
    async with serving(ScriptedRdv(failing(error))) as address, client_of(address) as rdv:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await rdv.ListCreneaux(QUESTION, metadata=[("x-request-id", request_id)])
    return raised.value


@pytest.mark.parametrize("kind", ONE_MESSAGE_ERRORS)
async def test_error_of_the_list_is_rebuilt_at_the_client(kind: type[ServiceError]) -> None:
    received = await refusal(kind("aucune formation « é »"))

    rebuilt = from_rpc(received)
    assert (received.code(), type(rebuilt), rebuilt.message) == (kind.status, kind, "aucune formation « é »")
    assert ("x-error", kind.__name__) in list(received.trailing_metadata())


@pytest.mark.parametrize("count", [1, 2, 200])
async def test_every_problem_of_a_request_reaches_the_client_by_field(count: int) -> None:
    problems = tuple(
        Problem(f"formation_ids[{number}]", "identifiant inconnu ; donnez-en un reçu de SearchFormations")
        for number in range(count)
    )

    rebuilt = from_rpc(await refusal(InvalidRequest(problems)))

    assert isinstance(rebuilt, InvalidRequest)
    assert rebuilt.problems == problems


async def test_refusal_too_long_for_the_wire_stays_a_refusal_of_its_kind() -> None:
    many = [Problem(f"romes[{number}]", "é" * 300) for number in range(2_000)]

    rebuilt = from_rpc(await refusal(InvalidRequest(many)))
    not_found = from_rpc(await refusal(NotFound("é" * 100_000)))

    assert isinstance(rebuilt, InvalidRequest)
    assert rebuilt.problems[0] == many[0]
    assert rebuilt.problems[-1] == Problem("request", "2000 problèmes, trop pour les montrer tous")
    assert isinstance(not_found, NotFound)


async def test_unexpected_error_is_masked_and_logged_once_with_its_trace(log_lines: LogLines) -> None:
    received = await refusal(RuntimeError("mongodb://rdv:secret@db"), request_id="r-42")

    assert (received.code(), received.details()) == (grpc.StatusCode.INTERNAL, "internal error")
    assert type(from_rpc(received)) is ServiceError
    error, rpc = log_lines()
    assert (error["level"], error["event"], error["method"]) == ("error", "unexpected error", READ)
    assert "RuntimeError: mongodb://rdv:secret@db" in error["exception"]
    assert (rpc["event"], rpc["status"]) == ("rpc", "INTERNAL")
    assert [line["request_id"] for line in (error, rpc)] == ["r-42", "r-42"]


async def test_store_out_of_time_is_a_deadline_exceeded() -> None:
    received = await refusal(TimeoutError())

    assert received.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_each_rpc_is_one_log_line_with_its_status_and_request_id(log_lines: LogLines) -> None:
    async with serving(ScriptedRdv()) as address, client_of(address) as rdv:
        await rdv.ListCreneaux(QUESTION, metadata=[("x-request-id", "r-1")])
        await rdv.ListCreneaux(QUESTION, metadata=[("x-request-id", "r-2")])
    await refusal(NotFound("aucune"), request_id="r-3")

    lines = log_lines()
    assert [(line["request_id"], line["status"]) for line in lines] == [
        ("r-1", "OK"),
        ("r-2", "OK"),
        ("r-3", "NOT_FOUND"),
    ]
    assert {(line["event"], line["method"], line["level"]) for line in lines} == {("rpc", READ, "info")}
    assert all(line["elapsed_ms"] >= 0 for line in lines)


async def test_checks_of_health_are_not_among_the_lines(log_lines: LogLines) -> None:
    async with serving(ScriptedRdv()) as address, grpc.aio.insecure_channel(address) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        assert (await check(health_pb2.HealthCheckRequest(service=SERVICE_NAME))).status == SERVING

    assert log_lines() == []


async def test_method_that_is_not_there_is_unimplemented() -> None:
    async with serving(ScriptedRdv()) as address, grpc.aio.insecure_channel(address) as channel:
        call = channel.unary_unary(
            f"/{SERVICE_NAME}/Nothing",
            request_serializer=type(QUESTION).SerializeToString,
            response_deserializer=type(QUESTION).FromString,
        )
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await call(QUESTION)

    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_rpcs_are_counted_by_status_and_timed() -> None:
    def counted(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, {"method": READ, **labels}) or 0.0

    def all_counts() -> tuple[float, float, float]:
        return (
            counted("lba_rpc_total", status="OK"),
            counted("lba_rpc_total", status="NOT_FOUND"),
            counted("lba_rpc_seconds_count"),
        )

    ok, not_found, timed = all_counts()

    async with serving(ScriptedRdv()) as address, client_of(address) as rdv:
        await rdv.ListCreneaux(QUESTION)
        await rdv.ListCreneaux(QUESTION)
    await refusal(NotFound("aucune"))

    assert all_counts() == (ok + 2, not_found + 1, timed + 3)


async def test_call_that_the_client_leaves_is_cancelled(log_lines: LogLines) -> None:
    running, left = asyncio.Event(), asyncio.Event()

    async def never_end() -> None:
        running.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    async with serving(ScriptedRdv(never_end)) as address, client_of(address) as rdv:
        call = rdv.ListCreneaux(QUESTION)
        waiting = asyncio.ensure_future(call)
        await asyncio.wait_for(running.wait(), 30)
        waiting.cancel()
        await asyncio.wait_for(left.wait(), 30)

    assert [line["status"] for line in log_lines()] == ["CANCELLED"]


async def test_handler_knows_the_time_that_its_client_gave() -> None:
    left: list[float] = []

    async def look() -> None:
        left.append(deadline.remaining_s(at_most=100.0))

    async with (
        serving(ScriptedRdv(look)) as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        rdv = rdv_pb2_grpc.RdvStub(channel)
        await rdv.ListCreneaux(QUESTION, timeout=40)
        await rdv.ListCreneaux(QUESTION, timeout=10)
        await rdv.ListCreneaux(QUESTION)

    # gRPC rounds the timeout that it sends by up to a second.
    assert 20 < left[0] < 60
    assert 0 < left[1] < 20
    assert left[2] == 100


@pytest.mark.slow
async def test_health_follows_the_store(log_lines: LogLines) -> None:
    lost = asyncio.Event()
    pings = 0

    async def ping() -> None:
        nonlocal pings
        pings += 1
        if pings == 2:
            await lost.wait()
            raise ConnectionError("the store is gone")

    async with (
        serving(ScriptedRdv(), ping) as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        statuses = watch_health(channel, SERVICE_NAME)
        first = await anext(statuses)
        lost.set()
        then = [await anext(statuses), await anext(statuses)]
        await statuses.aclose()

    assert [first, *then] == [SERVING, NOT_SERVING, SERVING]
    changes = [line for line in log_lines() if line["event"] == "health changed"]
    assert [line["serving"] for line in changes] == [False, True]
    assert changes[0]["reason"] == "the store is gone"


async def test_server_whose_store_is_away_says_so_from_its_first_answer(log_lines: LogLines) -> None:
    ping = failing(ConnectionError("the store is gone"))
    async with (
        serving(ScriptedRdv(), ping) as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        for name in ("", SERVICE_NAME):
            statuses = watch_health(channel, name)
            assert await anext(statuses) == NOT_SERVING
            await statuses.aclose()

    (line,) = log_lines()
    assert (line["event"], line["reason"]) == ("not serving yet, still trying", "the store is gone")


@pytest.mark.slow
async def test_store_that_does_not_answer_is_said_with_the_time_that_it_had(log_lines: LogLines) -> None:
    async def never_end() -> None:
        await asyncio.Event().wait()

    async with serving(ScriptedRdv(), never_end):
        (line,) = log_lines()

    assert (line["event"], line["reason"]) == ("not serving yet, still trying", "no answer within 2 s")


async def test_reflection_lists_the_service() -> None:
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    async with serving(ScriptedRdv()) as address, grpc.aio.insecure_channel(address) as channel:
        ask = channel.stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        answers = [answer async for answer in ask(iter([request]))]

    listed = [service.name for service in answers[0].list_services_response.service]
    assert {SERVICE_NAME, "grpc.health.v1.Health"} < set(listed)


async def test_stop_lets_a_running_call_end_and_takes_no_other() -> None:
    running, may_end = asyncio.Event(), asyncio.Event()

    async def wait_for_leave() -> None:
        running.set()
        await may_end.wait()

    stack = AsyncExitStack()
    address = await stack.enter_async_context(serving(ScriptedRdv(wait_for_leave), do_nothing, grace_s=30))
    async with client_of(address) as rdv, grpc.aio.insecure_channel(address) as other:
        statuses = watch_health(other, SERVICE_NAME)
        assert await anext(statuses) == SERVING
        call = asyncio.ensure_future(rdv.ListCreneaux(QUESTION))
        await asyncio.wait_for(running.wait(), 30)
        stopping = asyncio.create_task(stack.aclose())
        assert await anext(statuses) == NOT_SERVING
        await statuses.aclose()
        async with client_of(address) as late:
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await late.BookRendezVous(BOOKING)
        may_end.set()
        await asyncio.wait_for(call, 30)
        await asyncio.wait_for(stopping, 30)

    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_stop_does_not_wait_longer_than_the_grace() -> None:
    running = asyncio.Event()

    async def never_end() -> None:
        running.set()
        await asyncio.Event().wait()

    stack = AsyncExitStack()
    address = await stack.enter_async_context(serving(ScriptedRdv(never_end), grace_s=0.05))
    async with client_of(address) as rdv:
        call = asyncio.ensure_future(rdv.BookRendezVous(BOOKING, timeout=60))
        await asyncio.wait_for(running.wait(), 30)
        await asyncio.wait_for(stack.aclose(), 30)
        with pytest.raises(grpc.aio.AioRpcError):
            await call
