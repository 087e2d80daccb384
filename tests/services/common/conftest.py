from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import structlog

from services.common.log import configure_logging

LogLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[LogLines]:
    """Logs as a process does during the test; gives what reads the lines logged until then."""
    root = logging.getLogger()
    before = structlog.get_config(), root.handlers, root.level
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    configure_logging("essai", "info")
    # A logger that keeps its configuration would log here until the end of the run.
    structlog.configure(cache_logger_on_first_use=False)
    yield lambda: [orjson.loads(line) for line in stderr.getvalue().splitlines()]
    configuration, root.handlers, level = before
    root.setLevel(level)
    structlog.configure(**configuration)
