"""Runs private Elasticsearch nodes on this machine, alone or as a cluster, without containers.

They end with this process. The functions block: from asyncio, call them through `asyncio.to_thread`.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from deploy.local.child import rotate, spawn
from deploy.local.engines.elasticsearch.files import ElasticsearchFiles, ElasticsearchUnavailable
from deploy.local.engines.elasticsearch.node import PLAIN, Node, NodeOptions, Peers
from deploy.local.logs import last_words
from deploy.local.ports import free_port, is_free

START_TIMEOUT_S = 100.0
STOP_TIMEOUT_S = 20.0

_POLL_S = 0.1
_LOST_S = 10.0
"""Seconds after which an index that can't be opened is taken for lost: it is tried five times within one."""
_ERROR = re.compile(r"\bERROR\b|^Error")
_LOST = re.compile(r"failed recovery")
_PORT_RELEASE_TIMEOUT_S = 5.0


def wait_until_healthy(
    node: Node,
    log: Path,
    nodes: int = 1,
    timeout_s: float = START_TIMEOUT_S,
    running: Callable[[], bool] = lambda: True,
) -> None:
    """Return once the node accepts requests, in a cluster of `nodes` nodes.

    Raises ElasticsearchUnavailable with the error of its log, after `timeout_s` or as soon as `running`
    returns False.
    """
    ends_at = time.monotonic() + timeout_s
    whole_at = time.monotonic()
    while not node.is_healthy(nodes):
        # Other nodes may hold a copy, so a cluster is given its time.
        if nodes > 1 or not node.has_lost_data():
            whole_at = time.monotonic()
        elif time.monotonic() - whole_at > _LOST_S:
            raise ElasticsearchUnavailable(_failure_message(node, "can't read an index", log))
        if not running():
            raise ElasticsearchUnavailable(_failure_message(node, "ended as it started", log))
        if time.monotonic() > ends_at:
            raise ElasticsearchUnavailable(_failure_message(node, f"is in no cluster of {nodes} yet", log))
        time.sleep(_POLL_S)


def _failure_message(node: Node, failure: str, log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    reason = _first_error(lines, _ERROR) or _first_error(lines, _LOST) or last_words(log)
    return f"Elasticsearch's {node.options.name} on port {node.port} {failure}: {reason} [{log}]"


def _first_error(lines: list[str], pattern: re.Pattern[str]) -> str:
    """The first line of the pattern, and the root cause in the trace after it."""
    start = next((number for number, line in enumerate(lines) if pattern.search(line)), None)
    if start is None:
        return ""
    trace = itertools.takewhile(lambda line: not line.startswith("["), lines[start + 1 :])
    causes = [line for line in trace if line.startswith("Caused by: ")]
    return " ".join([lines[start][:250], *(cause[:500] for cause in causes[-1:])])


class ElasticsearchNode:
    """One private node; `start` returns once it accepts requests."""

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
        """The process group of its two processes, the launcher and the server that the launcher watches."""
        if self._process is None:
            raise ValueError(f"{self.node.options.name} does not run")
        return self._process.pid

    def start(self) -> None:
        """Raises ElasticsearchUnavailable when it does not start."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it without waiting, because the nodes of a cluster wait for each other."""
        if not is_free(self.node.port):
            raise ElasticsearchUnavailable(f"port {self.node.port} is taken: stop what listens on it")
        self.node.prepare()
        rotate(self.log)
        self._process = spawn(self.node.command(), self.node.environment(os.environ), self.log)

    def wait(self, nodes: int = 1) -> None:
        """Wait until it accepts requests, in a cluster of `nodes` nodes.

        On failure, stops it and raises ElasticsearchUnavailable.
        """
        try:
            wait_until_healthy(self.node, self.log, nodes, running=lambda: self.running)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Send SIGTERM, then SIGKILL after STOP_TIMEOUT_S. Does nothing when it does not run."""
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_TIMEOUT_S)
        self.kill()

    def kill(self) -> None:
        """Send SIGKILL, as a simulated crash of the machine. Does nothing when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        # The server is a child of the launcher, so we can't wait for it: its free port shows that it ended.
        ends_at = time.monotonic() + _PORT_RELEASE_TIMEOUT_S
        while not is_free(self.node.port) and time.monotonic() < ends_at:
            time.sleep(0.01)


class ElasticsearchCluster:
    """Nodes that form one cluster, each in its own subfolder."""

    def __init__(
        self, files: ElasticsearchFiles, folder: Path, size: int = 3, options: NodeOptions = PLAIN
    ) -> None:
        ports: list[int] = []
        for _ in range(2 * size):
            ports.append(free_port(ports))
        names = tuple(f"node-{rank}" for rank in range(1, size + 1))
        peers = Peers(names, tuple(ports[size:]))
        self.nodes = [
            ElasticsearchNode(files, folder / name, port, replace(options, name=name, peers=peers))
            for name, port in zip(names, ports[:size], strict=True)
        ]

    @property
    def urls(self) -> list[str]:
        """The addresses of all nodes, including killed ones."""
        return [node.url for node in self.nodes]

    def start(self) -> None:
        """Return once all nodes form a cluster. On failure, stops all and raises ElasticsearchUnavailable."""
        try:
            for node in self.nodes:
                node.launch()
            for node in self.nodes:
                node.wait(len(self.nodes))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def kill_node(self, rank: int) -> None:
        """Kill the node of this index, from 0. The other nodes are not informed."""
        self.nodes[rank].kill()

    def start_node(self, rank: int) -> None:
        """Start a killed node with its data; returns once all running nodes form one cluster."""
        node = self.nodes[rank]
        node.launch()
        node.wait(sum(node.running for node in self.nodes))
