"""The partner's access token, fetched once and shared until shortly before it expires."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.common.single_flight import SingleFlight

_MARGIN_S = 10.0


@dataclass(frozen=True)
class Token:
    """A bearer token and its lifetime."""

    value: str
    expires_in_s: float


class Access:
    """Gives the same token to all requests, and fetches a new one once for all that wait for it."""

    def __init__(self, fetch: Callable[[], Awaitable[Token]]) -> None:
        self._fetch = fetch
        self._value: str | None = None
        self._ends_at = 0.0
        # A caller that leaves must not cancel the fetch: others wait for the token, or will need it.
        self._renewals: SingleFlight[None, str] = SingleFlight(kept=True)

    async def token(self) -> str:
        """A token that does not expire soon."""
        if self._value is not None and asyncio.get_running_loop().time() < self._ends_at:
            return self._value
        return await self._renewals.join(None, self._renew)

    async def close(self) -> None:
        """Give up a fetch in flight, before what it uses is closed."""
        await self._renewals.close()

    def discard(self, value: str) -> None:
        """Forget this token, which the partner refused; a newer one is kept."""
        if self._value == value:
            self._value = None

    async def _renew(self) -> str:
        asked_at = asyncio.get_running_loop().time()
        token = await self._fetch()
        # The margin is a tenth of a short lifetime, or ten seconds.
        margin_s = min(_MARGIN_S, token.expires_in_s / 10)
        self._value = token.value
        self._ends_at = asked_at + token.expires_in_s - margin_s
        return token.value
