"""Starts and checks one gateway, and measures one round of load on it."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psutil

from bench.peers.answers import post, problem
from bench.peers.backend import Backend
from bench.peers.load import Load, run, wrk_cpu_s
from bench.peers.peers import PATH, Peer, Site
from bench.peers.processes import Cores, PeerUnavailable, free_port, pinned, running, usage
from bench.peers.report import Round

START_LIMIT_S = 60
IDLE_LIMIT_S = 15


@dataclass(frozen=True)
class Gateway:
    """A running peer."""

    peer: Peer
    port: int
    process: psutil.Process
    body: Path
    """The file with its request."""
    answer_bytes: int
    """The length of its answer."""

    def load(self, *, core: int, concurrency: int, seconds: int) -> Load:
        """Load it, then wait until it is idle. Raises PeerUnavailable when requests failed."""
        url = f"http://127.0.0.1:{self.port}{PATH}"
        done = run(url, self.body, core=core, concurrency=concurrency, seconds=seconds)
        _wait_until_idle(self.process)
        if wrong := done.problem(self.answer_bytes):
            raise PeerUnavailable(f"at {concurrency}: {wrong}")
        return done


@contextmanager
def running_gateway(
    peer: Peer, folder: Path, backend: Backend, core: int, expected: Any
) -> Iterator[Gateway]:
    """Run the peer during the block. Raises PeerUnavailable unless it gives the expected answer."""
    folder.mkdir()
    site = Site(folder, free_port(), backend.address)
    body = folder / "request.json"
    body.write_bytes(orjson.dumps({"query": peer.query}))
    log = folder / "terminal.log"
    environment = {**site.environment(), **peer.environment}
    with running(pinned(core, peer.command(site)), log, environment) as process:
        answer = _first_answer(process, site.port, body.read_bytes(), log)
        if wrong := problem(*answer, expected):
            raise PeerUnavailable(wrong)
        yield Gateway(peer, site.port, process, body, len(answer[1]))


def one_round(gateway: Gateway, backend: Backend, cores: Cores, concurrency: int, seconds: int) -> Round:
    """Raises PeerUnavailable."""
    calls, before = backend.requests(), usage(gateway.process)
    others_s = usage(backend.process).cpu_s + wrk_cpu_s()
    done = gateway.load(core=cores.load, concurrency=concurrency, seconds=seconds)
    after = usage(gateway.process)
    # When wrk ends, each connection has one more request in flight.
    started = done.requests + concurrency
    others_s = usage(backend.process).cpu_s + wrk_cpu_s() - others_s
    return Round(
        requests_per_s=done.requests / done.seconds,
        p50_ms=done.p50_ms,
        p99_ms=done.p99_ms,
        cpu_ms=(after.cpu_s - before.cpu_s) / started * 1000,
        rss_mb=after.rss_mb,
        calls=(backend.requests() - calls) / started,
        load_core=others_s / done.seconds,
    )


def _first_answer(process: psutil.Process, port: int, body: bytes, log: Path) -> tuple[int, bytes]:
    ends_at = time.monotonic() + START_LIMIT_S
    while time.monotonic() < ends_at:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            raise PeerUnavailable(f"it ended: {log.read_text()[-300:].strip()}")
        try:
            return post(port, PATH, body)
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    raise PeerUnavailable(f"no answer after {START_LIMIT_S} s")


def _wait_until_idle(process: psutil.Process) -> None:
    """Wait until the process uses less than a fifth of the core, so that the next round has it alone."""
    ends_at = time.monotonic() + IDLE_LIMIT_S
    before_s = usage(process).cpu_s
    while time.monotonic() < ends_at:
        time.sleep(0.1)
        cpu_s = usage(process).cpu_s
        if cpu_s - before_s < 0.02:
            return
        before_s = cpu_s
