"""Waits until the gateway is ready, and says why it is not yet."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Callable
from pathlib import Path

import orjson

from deploy.local.logs import last_words
from deploy.local.ports import HOST

_PERIOD_S = 0.1
_NEWS_S = 20.0
"""Seconds between two lines that say why it is not ready."""


class NotReady(Exception):
    """The system was not ready in time; the message says which processes were not, and why."""


async def wait_until_ready(port: int, state: Path, notify: Callable[[str], None], patience_s: float) -> None:
    """Return once `/ready` says 200. Raises NotReady after `patience_s`."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + patience_s
    news_at = loop.time() + _NEWS_S
    while True:
        status, body = await asyncio.to_thread(_get_ready, port)
        if status == http.HTTPStatus.OK:
            return
        now = loop.time()
        if now > ends_at:
            raise NotReady(_not_ready(f"not ready after {patience_s:g} s, stopped", body, state))
        if now > news_at:
            notify(_not_ready("not ready yet, still trying", body, state))
            news_at = now + _NEWS_S
        await asyncio.sleep(_PERIOD_S)


def _not_ready(what: str, body: bytes, state: Path) -> str:
    logs = state / "logs"
    reasons = [f"  {name}: {last_words(logs / f'{name}.log') or 'no word'}" for name in _waited_for(body)]
    return "\n".join([f"{what} (logs in {logs}); what does not serve, and its last words:", *reasons])


def _waited_for(body: bytes) -> list[str]:
    """The processes that do not serve, by what `/ready` says; the gateway when it does not say."""
    try:
        sources: dict[str, str] = orjson.loads(body)["sources"]
        waiting = [name for name, status in sources.items() if status != "SERVING"]
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        waiting = []
    return waiting or ["gateway"]


def _get_ready(port: int) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/ready")
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
