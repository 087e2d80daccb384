"""A gateway on a free port, served as `python -m gateway` serves it."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.app import create_app, runner_of
from gateway.settings import Settings


class GatewayServer(TestServer):
    """aiohttp's test server, with the gateway's own connections."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(create_app(settings))
        self._settings = settings

    async def _make_runner(self, **_: Any) -> web.BaseRunner:
        return runner_of(self.app, self._settings)
