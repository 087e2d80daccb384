"""A real Elasticsearch on this machine: one private node, or a cluster of some, without a container.

They never outlive this process. Blocking; from asyncio, call these through `asyncio.to_thread`.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from deploy.local.child import last_line, rotate, spawn
from deploy.local.engines.elasticsearch.files import ElasticsearchFiles, ElasticsearchUnavailable
from deploy.local.engines.elasticsearch.node import PLAIN, Node, NodeOptions, Peers
from deploy.local.ports import any_free, is_free

START_TIMEOUT_S = 100.0
STOP_TIMEOUT_S = 20.0

_PERIOD_S = 0.1
_ERROR = re.compile(r"\bERROR\b|^Error")
_GONE_TIMEOUT_S = 5.0


def wait_until_healthy(
    node: Node,
    log: Path,
    nodes: int = 1,
    timeout_s: float = START_TIMEOUT_S,
    running: Callable[[], bool] = lambda: True,
) -> None:
    """Return once the node answers, in a cluster of so many.

    Raises ElasticsearchUnavailable after `timeout_s`, or once `running` is false, with what its log says.
    """
    ends_at = time.monotonic() + timeout_s
    while not node.healthy(nodes):
        if not running():
            raise ElasticsearchUnavailable(_story(node, "ended as it started", log))
        if time.monotonic() > ends_at:
            raise ElasticsearchUnavailable(_story(node, f"is in no cluster of {nodes} yet", log))
        time.sleep(_PERIOD_S)


def _story(node: Node, happened: str, log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    # The first error is the cause, be it the server's or Java's; those that follow only say that it ended.
    error = next((line[:500] for line in lines if _ERROR.search(line)), last_line(log))
    return f"Elasticsearch's {node.options.name} on port {node.port} {happened}: {error} [{log}]"


class ElasticsearchNode:
    """One private node: `start` returns once it takes requests."""

    def __init__(
        self, files: ElasticsearchFiles, folder: Path, port: int, options: NodeOptions = PLAIN
    ) -> None:
        self.node = Node(files, folder, port, options)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.node.url

    @property
    def log(self) -> Path:
        return self.node.folder / "elasticsearch.log"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def group(self) -> int:
        """The process group of its two processes: the launcher, and the server that it watches over."""
        if self._process is None:
            raise ValueError(f"{self.node.options.name} does not run")
        return self._process.pid

    def start(self) -> None:
        """Raises ElasticsearchUnavailable when it can't."""
        self.begin()
        self.wait()

    def begin(self) -> None:
        """Start it without waiting: the nodes of a cluster wait for one another."""
        if not is_free(self.node.port):
            raise ElasticsearchUnavailable(f"port {self.node.port} is taken: stop what listens on it")
        self.node.prepare()
        rotate(self.log)
        self._process = spawn(self.node.command(), self.node.environment(os.environ), self.log)

    def wait(self, nodes: int = 1) -> None:
        """Until it answers, in a cluster of so many; it is stopped when it doesn't.

        Raises ElasticsearchUnavailable.
        """
        try:
            wait_until_healthy(self.node, self.log, nodes, running=lambda: self.running)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ask it to end, then make it; nothing when it does not run."""
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_TIMEOUT_S)
        self.kill()

    def kill(self) -> None:
        """End it at once, as a failing machine would; nothing when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        # The server is the launcher's child, not ours: that it is gone shows by its port.
        ends_at = time.monotonic() + _GONE_TIMEOUT_S
        while not is_free(self.node.port) and time.monotonic() < ends_at:
            time.sleep(0.01)


class ElasticsearchCluster:
    """Some nodes that form one cluster, each in its own folder under one."""

    def __init__(
        self, files: ElasticsearchFiles, folder: Path, size: int = 3, options: NodeOptions = PLAIN
    ) -> None:
        ports: list[int] = []
        for _ in range(2 * size):
            ports.append(any_free(ports))
        names = tuple(f"node-{rank}" for rank in range(1, size + 1))
        peers = Peers(names, tuple(ports[size:]))
        self.nodes = [
            ElasticsearchNode(files, folder / name, port, replace(options, name=name, peers=peers))
            for name, port in zip(names, ports[:size], strict=True)
        ]

    @property
    def urls(self) -> list[str]:
        """Of all the nodes, those that were killed included."""
        return [node.url for node in self.nodes]

    def start(self) -> None:
        """Returns once all are in one cluster. Raises ElasticsearchUnavailable, and then none runs."""
        try:
            for node in self.nodes:
                node.begin()
            for node in self.nodes:
                node.wait(len(self.nodes))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def kill_node(self, rank: int) -> None:
        """End one at once, counted from 0; the others find out by themselves."""
        self.nodes[rank].kill()

    def start_node(self, rank: int) -> None:
        """Start one that was killed, with its data; returns once all that run are together again."""
        node = self.nodes[rank]
        node.begin()
        node.wait(sum(node.running for node in self.nodes))
