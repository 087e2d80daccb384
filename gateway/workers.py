"""Several gateway processes on one port: a process of Python computes on one core.

The first process answers nothing itself. It starts the workers, replaces one that ends by itself, and
stops them all when it is told to. The system gives each new connection to one of those that listen.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile

import structlog

from gateway.edge.health import METRICS_FOLDER
from gateway.settings import Settings

log = structlog.get_logger(__name__)

SERVING = b"1"
"""What a worker says through its lifeline once it listens."""


class WorkersFailed(Exception):
    """Says why the workers can't go on."""


async def supervise(settings: Settings, stop: asyncio.Event) -> None:
    """Run `settings.workers` processes until `stop`. Raises WorkersFailed."""
    reserved = _reserve(settings.host, settings.port)
    with reserved, tempfile.TemporaryDirectory(prefix="gateway-metrics-") as metrics:
        workers = [
            asyncio.create_task(_keep_one(metrics, settings.stop_grace_s)) for _ in range(settings.workers)
        ]
        log.info("workers", count=settings.workers, address=settings.host, port=settings.port)
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({stopped, *workers}, return_when=asyncio.FIRST_COMPLETED)
        for task in (stopped, *workers):
            task.cancel()
        ended = await asyncio.gather(*workers, return_exceptions=True)
    for each in ended:
        if isinstance(each, Exception) and not stop.is_set():
            raise each


async def _keep_one(metrics: str, grace_s: float) -> None:
    """One worker after another; the last one is given its time to stop when this is cancelled."""
    while True:
        # The worker ends when its lifeline does, even if this process was killed.
        lifeline, end = socket.socketpair()
        with lifeline:
            with end:
                environment = os.environ | {"GATEWAY_LIFELINE": str(end.fileno()), METRICS_FOLDER: metrics}
                worker = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "gateway", env=environment, pass_fds=(end.fileno(),)
                )
            try:
                status = await worker.wait()
            except asyncio.CancelledError:
                await _stop(worker, grace_s)
                raise
            if lifeline.recv(1) != SERVING:
                raise WorkersFailed(f"a worker ended before it served, with status {status}")
        log.error("worker ended, another one takes its place", pid=worker.pid, status=status)


async def _stop(worker: asyncio.subprocess.Process, grace_s: float) -> None:
    if worker.returncode is None:
        worker.terminate()
        try:
            # Running requests have the grace, and the process a little more to leave.
            await asyncio.wait_for(worker.wait(), grace_s + 2)
        except TimeoutError:
            worker.kill()
            await worker.wait()


def _reserve(host: str, port: int) -> socket.socket:
    """Hold the port without listening, once nobody else was found on it. Raises WorkersFailed."""
    try:
        # Workers share the port with one another, but not with a stranger.
        socket.create_server((host, port)).close()
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host, port))
    except OSError as error:
        raise WorkersFailed(f"can't listen on {host}:{port}: {error}") from error
    return held


class Lifeline:
    """A worker's end."""

    def __init__(self, descriptor: int, stop: asyncio.Event) -> None:
        self._socket = socket.socket(fileno=descriptor)
        # Nothing is ever sent to a worker: readable is closed.
        asyncio.get_running_loop().add_reader(self._socket, stop.set)

    def serving(self) -> None:
        self._socket.send(SERVING)
