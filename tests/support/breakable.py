"""A TCP relay to a real service, that a test can cut, hold or fill with noise."""

from __future__ import annotations

import asyncio
from enum import Enum


class Mode(Enum):
    """What happens to what the service answers."""

    PASS = "pass"
    HOLD = "hold"
    """Nothing more comes through, as from a service that hangs."""
    NOISE = "noise"
    """Bytes that are no gRPC, as from something else listening on the port."""


class Breakable:
    """Listens on a port of its own; the service does not know."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._mode = Mode.PASS
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """As if the service were killed: no listener, and every connection ends."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def hold(self) -> None:
        self._mode = Mode.HOLD

    async def noise(self) -> None:
        """Connections made from now on get noise; the others end."""
        self._mode = Mode.NOISE
        for connection in list(self._connections):
            connection.cancel()

    async def mend(self) -> None:
        self._mode = Mode.PASS
        for connection in list(self._connections):
            connection.cancel()
        if self._server is None:
            await self.open()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        upstream: asyncio.StreamWriter | None = None
        try:
            if self._mode is Mode.NOISE:
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n<html>maintenance</html>")
                await writer.drain()
                return
            upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self._target_port)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._relay(reader, upstream))
                both.create_task(self._relay(upstream_reader, writer))
        except (ConnectionError, asyncio.CancelledError, ExceptionGroup):
            return  # whichever end left, the other is closed below
        finally:
            self._connections.discard(task)
            for end in (writer, upstream):
                if end is not None:
                    end.close()

    async def _relay(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            if self._mode is Mode.HOLD:
                await asyncio.Event().wait()
            sink.write(data)
            await sink.drain()
        sink.close()
        raise ConnectionResetError
