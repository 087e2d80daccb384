"""The partner's access token, had once and shared until it nears its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.common.single_flight import SingleFlight

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
        # One who leaves must not take the token away from the others, nor from those who come next.
        self._renewals: SingleFlight[None, str] = SingleFlight(kept=True)

    async def token(self) -> str:
        """A token that is good for a while yet."""
        if self._value is not None and asyncio.get_running_loop().time() < self._ends_at:
            return self._value
        return await self._renewals.join(None, self._renew)

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
