"""Runs several gateway processes on one port, since a Python process uses one core.

The first process serves no request. It starts the workers, replaces a worker that ends by itself, and stops
them all at the end. The kernel distributes new connections among the workers (SO_REUSEPORT,
https://lwn.net/Articles/542629/).
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
"""The byte that a worker sends through its lifeline once it listens."""


class WorkersFailed(Exception):
    """The workers can't be started, or can't continue; the message says why."""


async def supervise(settings: Settings, stop: asyncio.Event) -> None:
    """Run `settings.workers` processes until `stop`. Raises WorkersFailed."""
    reserved = _reserve(settings.host, settings.port)
    reserved_too = _reserve(settings.host, settings.metrics_port)
    with reserved, reserved_too, tempfile.TemporaryDirectory(prefix="gateway-metrics-") as metrics:
        workers = [
            asyncio.create_task(_keep_worker_running(metrics, settings.stop_grace_s))
            for _ in range(settings.workers)
        ]
        log.info("workers", count=settings.workers, address=settings.host, port=settings.port)
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({stopped, *workers}, return_when=asyncio.FIRST_COMPLETED)
        for task in (stopped, *workers):
            task.cancel()
        results = await asyncio.gather(*workers, return_exceptions=True)
    for each in results:
        if isinstance(each, Exception) and not stop.is_set():
            raise each


async def _keep_worker_running(metrics: str, grace_s: float) -> None:
    """Run a worker, and another one whenever it ends. Cancellation stops the running one gracefully."""
    while True:
        # The worker stops when its lifeline is closed, even if this process was killed.
        lifeline, worker_end = socket.socketpair()
        with lifeline:
            with worker_end:
                environment = os.environ | {
                    "GATEWAY_LIFELINE": str(worker_end.fileno()),
                    METRICS_FOLDER: metrics,
                }
                worker = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "gateway", env=environment, pass_fds=(worker_end.fileno(),)
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
            # Running requests have the grace period, and the process has a little more to exit.
            await asyncio.wait_for(worker.wait(), grace_s + 2)
        except TimeoutError:
            worker.kill()
            await worker.wait()


def _reserve(host: str, port: int) -> socket.socket:
    """Bind the port without listening, after a check that nobody listens on it. Raises WorkersFailed."""
    try:
        # Workers share the port with one another, but not with another program.
        socket.create_server((host, port)).close()
        reservation = socket.socket()
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reservation.bind((host, port))
    except OSError as error:
        raise WorkersFailed(f"can't listen on {host}:{port}: {error}") from error
    return reservation


class Lifeline:
    """The worker's end of the socket to the first process, which closes when that process ends."""

    def __init__(self, descriptor: int, stop: asyncio.Event) -> None:
        self._socket = socket.socket(fileno=descriptor)
        # Nothing is ever sent to a worker, so a readable socket is a closed one.
        asyncio.get_running_loop().add_reader(self._socket, stop.set)

    def report_serving(self) -> None:
        self._socket.send(SERVING)
