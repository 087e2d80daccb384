from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from typing import Any

import orjson
import pytest
import structlog

from services.common.log import configure_logging

LogLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    """Logs as a process does during the test; gives what reads the lines logged until then."""
    root = logging.getLogger()
    before = structlog.get_config(), root.handlers, root.level
    stderr = io.StringIO()
    with redirect_stderr(stderr):
        configure_logging("essai", "info")
    # A logger that keeps its configuration would log here until the end of the run.
    structlog.configure(cache_logger_on_first_use=False)
    yield lambda: [orjson.loads(line) for line in stderr.getvalue().splitlines()]
    configuration, root.handlers, level = before
    root.setLevel(level)
    structlog.configure(**configuration)
