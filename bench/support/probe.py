"""Sends requests one after the other, in a process of its own so that no load generator delays them.

It runs as `python -m bench.support.probe`: it reads a Plan as JSON from the first line of its input, and
writes the latencies in milliseconds as JSON once its input is closed.
"""

from __future__ import annotations

import http.client
import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

_FAILED_MS = 60_000.0
"""What counts for a request without a whole answer."""


@dataclass(frozen=True)
class Plan:
    """What is sent, in turn, and how often."""

    url: str
    bodies: Sequence[Any] = ()
    """JSON bodies to POST; without any, the URL is read."""
    period_s: float = 0.05
    source: str = "127.0.0.1"
    """The address that it comes from; all of 127.0.0.0/8 is this machine."""


@contextmanager
def probing(plan: Plan) -> Iterator[list[float]]:
    """Measure during the block; the list that it yields is filled at its end."""
    command = [sys.executable, "-m", "bench.support.probe"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write(json.dumps(asdict(plan)) + "\n")
    process.stdin.flush()
    latencies_ms: list[float] = []
    try:
        yield latencies_ms
    finally:
        output, _ = process.communicate()
        latencies_ms += json.loads(output)


def main() -> None:
    plan = Plan(**json.loads(sys.stdin.readline()))
    ended = threading.Event()
    threading.Thread(target=_wait_for_the_end, args=(ended,), daemon=True).start()
    latencies_ms = []
    bodies = itertools.cycle(plan.bodies or [None])
    while not ended.wait(plan.period_s):
        sent = time.perf_counter()
        answered = _ask(plan, next(bodies))
        latencies_ms.append((time.perf_counter() - sent) * 1000 if answered else _FAILED_MS)
    sys.stdout.write(json.dumps(latencies_ms))


def _wait_for_the_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def _ask(plan: Plan, body: Any) -> bool:
    """Whether there was an answer without an error."""
    address = urlsplit(plan.url)
    connection = http.client.HTTPConnection(address.netloc, timeout=30, source_address=(plan.source, 0))
    try:
        if body is None:
            connection.request("GET", address.path)
        else:
            content = json.dumps(body)
            connection.request("POST", address.path, content, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"{error!r}\n")
        return False
    finally:
        connection.close()
    if response.status != 200 or b'"errors"' in answer:
        sys.stderr.write(f"{response.status} {answer[:300]!r}\n")
        return False
    return True


if __name__ == "__main__":
    main()
