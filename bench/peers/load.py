"""Runs the load generator wrk at one concurrency, and parses its results."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.peers.processes import pinned

SCRIPT = Path(__file__).parent / "post.lua"


@dataclass(frozen=True)
class Load:
    """The results of one run of wrk."""

    requests: int
    seconds: float
    bytes: int
    failures: int
    p50_ms: float
    p99_ms: float

    def problem(self, answer_bytes: int) -> str:
        """Why the figures are invalid, or "" when they are valid; `answer_bytes` is the size of an answer."""
        if self.failures or not self.requests:
            return f"{self.failures} failures in {self.requests} requests"
        if self.bytes < self.requests * answer_bytes:
            return f"answers of {self.bytes / self.requests:.0f} bytes, not {answer_bytes}"
        return ""


def require_wrk() -> None:
    if shutil.which("wrk") is None:
        sys.exit("bench.peers needs wrk (on Debian: apt-get install wrk)")


def run(url: str, body: Path, *, core: int, concurrency: int, seconds: int) -> Load:
    """POST the file repeatedly over `concurrency` connections."""
    options = ["--threads", "1", "--connections", str(concurrency), "--duration", f"{seconds}s"]
    command = ["wrk", *options, "--timeout", "30s", "--script", str(SCRIPT), url, "--", str(body)]
    done = subprocess.run(pinned(core, command), check=True, capture_output=True, text=True)
    return parse(done.stdout)


def parse(output: str) -> Load:
    """Parse the last line of the output, which post.lua writes as JSON."""
    return Load(**json.loads(output.splitlines()[-1]))


def wrk_cpu_s() -> float:
    """CPU time of all ended child processes, which includes all runs of wrk."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime
