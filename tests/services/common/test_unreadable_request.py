"""Bytes that are no message are refused as any wrong request is; starts a server of each contract."""

from __future__ import annotations

import importlib
from typing import Any

import grpc
import pytest
from prometheus_client import REGISTRY

from protos.services import SERVICES, Service
from services.common.errors import InvalidRequest, from_rpc
from services.common.server import running_server
from tests.support.common.scripted import QUESTION, READ, ScriptedRdv, client_of, do_nothing, serving
from tests.support.logs import LogLines, lines_once_logged

CHECK = "/grpc.health.v1.Health/Check"
CUT_TAG, CUT_LENGTH, NO_WIRE_TYPE = b"\xff", b"\x0a\x05ab", b"\x0f"


def _invalid(method: str) -> float:
    labels = {"method": method, "status": "INVALID_ARGUMENT"}
    return REGISTRY.get_sample_value("lba_rpc_total", labels) or 0.0


async def _refusal(address: str, method: str, content: bytes) -> grpc.aio.AioRpcError:
    async with grpc.aio.insecure_channel(address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await channel.unary_unary(method, request_serializer=bytes)(content, timeout=10)
    return raised.value


@pytest.mark.parametrize("content", [CUT_TAG, CUT_LENGTH, NO_WIRE_TYPE])
@pytest.mark.parametrize("service", SERVICES, ids=lambda each: each.name)
async def test_bytes_that_are_no_message_are_an_invalid_request_of_every_method(
    service: Service[Any], content: bytes
) -> None:
    generated = importlib.import_module(f"protos.{service.name}_pb2_grpc")
    name = service.descriptor.name
    servicer = getattr(generated, f"{name}Servicer")()
    methods = [f"/{service.descriptor.full_name}/{each.name}" for each in service.descriptor.methods]
    before = [_invalid(method) for method in methods]

    async with running_server(
        service.descriptor.full_name,
        lambda server: getattr(generated, f"add_{name}Servicer_to_server")(servicer, server),
        do_nothing,
    ) as port:
        refusals = [await _refusal(f"127.0.0.1:{port}", method, content) for method in methods]

    assert {each.code() for each in refusals} == {grpc.StatusCode.INVALID_ARGUMENT}
    assert [_invalid(method) for method in methods] == [count + 1 for count in before]
    for method, refusal in zip(methods, refusals, strict=True):
        rebuilt = from_rpc(refusal)
        assert isinstance(rebuilt, InvalidRequest)
        (problem,) = rebuilt.problems
        assert problem.field == "request"
        assert f"octets illisibles pour {method}" in problem.message


async def test_it_is_logged_once_without_its_content(log_lines: LogLines) -> None:
    async with serving(ScriptedRdv()) as address:
        await _refusal(address, READ, b"\x0a\x7fjeanne@exemple.fr")
        (line,) = await lines_once_logged(log_lines, 1)

    assert (line["event"], line["method"], line["status"]) == ("rpc", READ, "INVALID_ARGUMENT")
    assert "jeanne" not in str(line)


async def test_bytes_that_are_no_message_do_not_reach_the_method_nor_stop_the_server() -> None:
    rdv = ScriptedRdv()
    async with serving(rdv) as address, client_of(address) as client:
        await _refusal(address, READ, CUT_TAG)
        assert rdv.calls == []
        await client.ListCreneaux(QUESTION)

    assert rdv.calls == ["ListCreneaux"]


async def test_probe_of_health_is_refused_alike() -> None:
    async with serving(ScriptedRdv()) as address:
        refusal = await _refusal(address, CHECK, CUT_TAG)

    assert refusal.code() is grpc.StatusCode.INVALID_ARGUMENT
