"""Waiting for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def wait_until(happened: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Return as soon as it has. Raises TimeoutError."""
    ends_at = time.monotonic() + timeout_s
    while not happened():
        if time.monotonic() > ends_at:
            raise TimeoutError
        time.sleep(0.02)


def wait_for_text(path: Path, text: str, times: int = 1) -> str:
    """Return the file once it holds the text as many times."""

    def holds() -> bool:
        return path.exists() and path.read_text().count(text) >= times

    try:
        wait_until(holds)
    except TimeoutError:
        content = path.read_text() if path.exists() else "(no file)"
        raise AssertionError(f"{path} never held {text!r}:\n{content}") from None
    return path.read_text()
