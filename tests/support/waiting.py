"""Waiting for what another process or task does."""

from __future__ import annotations

import asyncio
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


async def until(happened: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Return as soon as it has, while the event loop goes on. Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while not happened():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.002)


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
