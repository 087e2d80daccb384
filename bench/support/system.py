"""The whole system, started on this machine for a bench."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson

START_LIMIT_S = 600
"""The importers run before it is ready."""


UNLIMITED = {
    "GATEWAY_CALLER_POINTS": "0",
    "GATEWAY_MAX_RUNNING_PER_CALLER": "1000",
    "GATEWAY_MAX_WAITING_PER_CALLER": "1000",
    "GATEWAY_MAX_CONNECTIONS_PER_ADDRESS": "4096",
}
"""The settings of the gateway under which one caller may take all."""


@dataclass(frozen=True)
class System:
    """A running system."""

    url: str
    """Base of the gateway's API."""
    metrics_url: str
    """Base of the gateway's internal port."""
    process: subprocess.Popen[bytes] | None = None
    """Its supervisor; None for one that somebody else started."""


@contextmanager
def started(
    data: str, settings: Mapping[str, str] | None = None, *, limited: bool = False
) -> Iterator[System]:
    """Run the system inside the block, on `data`; an empty text means the demonstration set.

    `settings` are environment variables. One caller may take all, unless the gateway is `limited` as usual: a
    bench is one client that asks as much as it can.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | ({} if limited else UNLIMITED) | dict(settings or {})
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        command = [sys.executable, "-m", "deploy.local", "--port", str(port), "--state", f"{folder}/state"]
        log = Path(folder) / "terminal.log"
        with log.open("w") as terminal:
            process = subprocess.Popen(
                [*command, *(["--data", data] if data else [])],
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=terminal,
                env=environment,
            )
            try:
                url = f"http://127.0.0.1:{port}"
                asyncio.run(_until_ready(url, process, log))
                addresses = orjson.loads(Path(folder, "state", "addresses.json").read_bytes())
                yield System(url, f"http://127.0.0.1:{addresses['gateway metrics']}", process)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)


async def _until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(START_LIMIT_S):
        while True:
            if process.poll() is not None:
                sys.exit(await asyncio.to_thread(log.read_text))
            try:
                async with session.get(f"{url}/ready") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.2)
