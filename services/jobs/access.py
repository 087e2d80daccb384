"""The partner's access token, had once and shared until it nears its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

_MARGIN_S = 10.0


@dataclass(frozen=True)
class Token:
    """A bearer token and how long the partner takes it."""

    value: str
    expires_in_s: float


class Access:
    """Hands out one token to all requests; however many need a new one, it is asked for once."""

    def __init__(self, fetch: Callable[[], Awaitable[Token]]) -> None:
        self._fetch = fetch
        self._value: str | None = None
        self._ends_at = 0.0
        self._refresh: asyncio.Task[str] | None = None

    async def token(self) -> str:
        """A token that is good for a while yet."""
        if self._value is not None and asyncio.get_running_loop().time() < self._ends_at:
            return self._value
        if self._refresh is None:
            self._refresh = asyncio.create_task(self._renew())
            self._refresh.add_done_callback(self._renewed)
        # One who leaves must not take the token away from the others.
        return await asyncio.shield(self._refresh)

    def discard(self, value: str) -> None:
        """The partner refused this token; a newer one is left alone."""
        if self._value == value:
            self._value = None

    async def _renew(self) -> str:
        asked_at = asyncio.get_running_loop().time()
        token = await self._fetch()
        # A tenth of a short life, ten seconds of a long one.
        margin_s = min(_MARGIN_S, token.expires_in_s / 10)
        self._value = token.value
        self._ends_at = asked_at + token.expires_in_s - margin_s
        return token.value

    def _renewed(self, task: asyncio.Task[str]) -> None:
        self._refresh = None
        if not task.cancelled():
            task.exception()  # whoever waits has it; nobody may be left
