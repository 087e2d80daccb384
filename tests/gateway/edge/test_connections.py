"""What a connection may cost: slow, silent and too many ones are closed, and the others are answered."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import orjson
import pytest

from tests.gateway.conftest import Gateway, open_gateway
from tests.support.gateway.scripted import Scripts
from tests.support.waiting import wait_until

BODY = b'{"query": "{ __typename }"}'
HEAD = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def _port(gateway: Gateway) -> int:
    assert gateway.client.port is not None
    return gateway.client.port


@asynccontextmanager
async def connection(gateway: Gateway) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", _port(gateway))
    try:
        yield reader, writer
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], Any]:
    """The status, the headers and the JSON of an answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    status, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return int(status.split()[1]), headers, orjson.loads(body)


async def _is_closed(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(30):
            return await reader.read() == b""
    except ConnectionError:
        return True


@pytest.mark.parametrize("sent", [b"", b"POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"GET"])
async def test_headers_that_do_not_come_close_the_connection(scripts: Scripts, sent: bytes) -> None:
    async with open_gateway(scripts, header_limit_s=0.2) as gateway, AsyncExitStack() as opened:
        slow = [await opened.enter_async_context(connection(gateway)) for _ in range(20)]
        for _, writer in slow:
            writer.write(sent)

        assert all([await _is_closed(reader) for reader, _ in slow])
        assert (await gateway.post("{ __typename }")).status == 200


async def test_headers_that_come_drop_by_drop_close_the_connection(scripts: Scripts) -> None:
    async with open_gateway(scripts, header_limit_s=0.3) as gateway, connection(gateway) as (reader, writer):
        closed = asyncio.create_task(_is_closed(reader))
        writer.write(HEAD)
        while not closed.done():
            writer.write(b"X-Drop: 1\r\n")
            await asyncio.wait({closed}, timeout=0.05)

        assert closed.result()


async def test_a_second_request_has_the_same_time_for_its_headers(scripts: Scripts) -> None:
    async with open_gateway(scripts, header_limit_s=0.3) as gateway, connection(gateway) as (reader, writer):
        writer.write(WHOLE)
        assert (await _answer(reader))[0] == 200
        writer.write(HEAD)

        assert await _is_closed(reader)


async def test_a_connection_between_requests_is_kept_longer_than_headers_may_take(scripts: Scripts) -> None:
    async with open_gateway(scripts, header_limit_s=0.1) as gateway, connection(gateway) as (reader, writer):
        writer.write(WHOLE)
        assert (await _answer(reader))[0] == 200
        # Another connection is closed for its headers meanwhile, so that much time has passed.
        async with connection(gateway) as (other, _):
            assert await _is_closed(other)
        writer.write(WHOLE)

        assert (await _answer(reader))[0] == 200


async def test_an_idle_connection_is_closed(scripts: Scripts) -> None:
    async with open_gateway(scripts, idle_limit_s=0.2) as gateway, connection(gateway) as (reader, writer):
        writer.write(WHOLE)
        assert (await _answer(reader))[0] == 200

        assert await _is_closed(reader)


async def test_a_body_that_does_not_come_is_refused(scripts: Scripts) -> None:
    async with open_gateway(scripts, body_limit_s=0.2) as gateway, connection(gateway) as (reader, writer):
        writer.write(HEAD + b"Content-Length: 1000\r\n\r\n" + BODY)
        status, headers, answer = await _answer(reader)

        assert status == 408
        assert headers["connection"] == "close"
        assert answer["errors"][0]["extensions"]["code"] == "REQUEST_TIMEOUT"
        assert await _is_closed(reader)


async def test_a_body_cut_short_is_no_failure(scripts: Scripts) -> None:
    async with open_gateway(scripts) as gateway:
        async with connection(gateway) as (_, writer):
            writer.write(HEAD + b"Content-Length: 1000\r\n\r\n" + BODY)
        assert (await gateway.post("{ __typename }")).status == 200


async def test_a_client_that_does_not_read_loses_its_connection(scripts: Scripts) -> None:
    aliases = " ".join(f"a{number}: __schema {{ types {{ name description }} }}" for number in range(25))
    body = orjson.dumps({"query": "{" + aliases + "}"})
    request = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    async with open_gateway(scripts, write_limit_s=0.3) as gateway:
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
            client.connect(("127.0.0.1", _port(gateway)))
            client.setblocking(False)
            loop = asyncio.get_running_loop()
            # More answers than the buffers of both ends hold.
            await loop.sock_sendall(client, request * 20)
            await _has_connections(gateway, 0)

        assert (await gateway.post("{ __typename }")).status == 200


async def _has_connections(gateway: Gateway, at_most: int) -> None:
    """Wait until the server has no more connections than that."""
    server = gateway.client.server.handler
    assert server is not None
    await asyncio.to_thread(wait_until, lambda: len(server.connections) <= at_most)


async def test_an_address_has_so_many_connections_and_the_others_are_told(scripts: Scripts) -> None:
    async with open_gateway(scripts, max_connections_per_address=3) as gateway, AsyncExitStack() as opened:
        kept = [await opened.enter_async_context(connection(gateway)) for _ in range(3)]
        for reader, writer in kept:
            writer.write(WHOLE)
            assert (await _answer(reader))[0] == 200

        async with connection(gateway) as (reader, _):
            status, headers, answer = await _answer(reader)
            assert (status, headers["retry-after"], headers["connection"]) == (429, "1", "close")
            assert answer["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
            assert await _is_closed(reader)

        # One that ends makes room for another.
        kept[0][1].close()
        await kept[0][1].wait_closed()
        await _has_connections(gateway, 2)
        assert (await gateway.post("{ __typename }")).status == 200


async def test_a_trusted_proxy_has_as_many_connections_as_it_needs(scripts: Scripts) -> None:
    settings: dict[str, Any] = {"max_connections_per_address": 1, "trusted_proxies": ["127.0.0.1/32"]}
    async with open_gateway(scripts, **settings) as gateway, AsyncExitStack() as opened:
        for _ in range(5):
            reader, writer = await opened.enter_async_context(connection(gateway))
            writer.write(WHOLE)
            assert (await _answer(reader))[0] == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["nonsense", "version", "length", "long header", "many headers", "tls"],
)
async def test_what_is_not_http_is_refused_in_json(scripts: Scripts, sent: bytes) -> None:
    async with open_gateway(scripts) as gateway, connection(gateway) as (reader, writer):
        writer.write(sent)
        status, headers, answer = await _answer(reader)

        assert status == 400
        assert headers["access-control-allow-origin"] == "*"
        assert "server" not in headers
        assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
        assert len(answer["errors"][0]["message"]) < 500
