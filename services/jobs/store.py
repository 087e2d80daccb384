"""Calls the partner's API over HTTP. This is the only file that uses aiohttp's client.

The statuses of the partner, and their results:

    200, 206   a page, or an offer         204            nothing; for an offer NotFound
    400        for an offer NotFound       401            a new token and one more try
    429        no request at all for Retry-After, then one more try when there is time, else Overloaded
    any other answer, a broken connection, or JSON that does not follow the contract: UpstreamUnavailable
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import structlog
from yarl import URL

from services.common.errors import NotFound, Overloaded, UpstreamUnavailable
from services.common.texts import whole_number
from services.france.communes import Communes
from services.jobs.access import Access, Token
from services.jobs.latency import Latency
from services.jobs.metrics import IN_FLIGHT
from services.jobs.offre import Offre, has_offre_form
from services.jobs.pace import TOLD_TO_WAIT, Pace
from services.jobs.payload import Page, read_detail, read_json, read_page
from services.jobs.settings import Settings
from services.jobs.zone import Query

log = structlog.get_logger(__name__)

PAGE_SIZE = 150
LAST_START = 3000
"""Last row at which the partner lets a page start."""

_TOKEN_TIMEOUT_S = 3.0
_MAX_BODY_BYTES = 16 * 1024 * 1024
_LEAST_S = 0.05
"""Least time that a request has left when it is sent or refused, so that our own answer is in time.

A client whose deadline passes before takes that for a failure of this service.
"""

_MOST_HELD_S = 60.0
"""The partner is tried again after that time, whatever it said."""


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class FranceTravail:
    """The job offers of the partner."""

    def __init__(self, session: aiohttp.ClientSession, settings: Settings, communes: Communes) -> None:
        self._session = session
        self._settings = settings
        self._communes = communes
        self._offres_url = URL(str(settings.partner_url).rstrip("/")) / "v2" / "offres"
        self._access = Access(self._fetch_token)
        self._pace = Pace(settings.requests_per_s)
        self._pages_latency, self._offres_latency = Latency(), Latency()

    @property
    def waiting(self) -> int:
        """Number of requests that wait for their turn at the partner."""
        return self._pace.waiting

    async def close(self) -> None:
        await self._access.close()

    async def ping(self) -> None:
        """Raises if no token can be fetched. A token that is still valid is not fetched again."""
        await self._access.token()

    async def search_page(self, query: Query, start: int, ends_at: float) -> Page:
        """The offers of a search from row `start` on. Times are those of the event loop."""
        params = query.params() | {"range": f"{start}-{start + PAGE_SIZE - 1}"}
        answer = await self._get(self._offres_url / "search", params, ends_at, self._pages_latency)
        if answer.status == 204:
            return Page()
        if answer.status not in (200, 206):
            raise _unexpected(answer)
        content_range = answer.headers.get("Content-Range")
        # A page has 150 offers, whose texts are searched for contacts: 10 ms or more.
        return await asyncio.to_thread(read_page, answer.body, content_range, self._communes)

    async def find(self, offre_id: str, ends_at: float) -> Offre:
        """One offer. Raises NotFound if the partner does not have it, or no longer has it."""
        if not has_offre_form(offre_id):
            raise no_offre(offre_id)
        answer = await self._get(self._offres_url / offre_id, {}, ends_at, self._offres_latency)
        if answer.status in (204, 400, 404):
            raise no_offre(offre_id)
        if answer.status != 200:
            raise _unexpected(answer)
        return read_detail(answer.body, self._communes)

    async def _get(self, url: URL, params: Mapping[str, str], ends_at: float, latency: Latency) -> _Answer:
        renewed = refused = False
        async with asyncio.timeout_at(ends_at):
            while True:
                token = await self._access.token()
                await self._pace.wait(ends_at, max(_LEAST_S, latency.typical_s()))
                sent_at = asyncio.get_running_loop().time()
                with IN_FLIGHT.track_inprogress():
                    answer = await self._send("GET", url, params=params, headers=_bearer(token))
                if answer.status == 401 and not renewed:
                    self._access.discard(token)
                    renewed = True
                elif answer.status == 429:
                    self._hold(answer)
                    if refused:
                        raise Overloaded(TOLD_TO_WAIT)
                    refused = True
                else:
                    # An error often comes faster than an answer.
                    if answer.status < 500:
                        latency.add(asyncio.get_running_loop().time() - sent_at)
                    return answer

    def _hold(self, answer: _Answer) -> None:
        seconds = whole_number(answer.headers.get("Retry-After", ""))
        wait_s = 1.0 if seconds is None else float(min(seconds, _MOST_HELD_S))
        log.warning("partner refuses more requests", retry_after_s=seconds, held_s=wait_s)
        self._pace.hold(wait_s)

    async def _fetch_token(self) -> Token:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret.get_secret_value(),
            "scope": self._settings.scope,
        }
        async with asyncio.timeout(_TOKEN_TIMEOUT_S):
            answer = await self._send("POST", URL(str(self._settings.token_url)), form=form)
        return _read_token(answer)

    async def _send(
        self,
        method: str,
        url: URL,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> _Answer:
        try:
            async with self._session.request(
                method, url, params=params, headers=headers, data=form, allow_redirects=False
            ) as response:
                return _Answer(response.status, response.headers, await _read_body(response))
        except aiohttp.ClientError as error:
            log.warning("partner failed", url=str(url), error=f"{type(error).__name__}: {error}")
            raise UpstreamUnavailable("France Travail ne répond pas") from error


@asynccontextmanager
async def open_store(settings: Settings, communes: Communes) -> AsyncIterator[FranceTravail]:
    """The partner, with its connections open inside the block."""
    # Each call has its own deadline, so the session needs no total timeout.
    timeout = aiohttp.ClientTimeout(total=None, connect=2.0)
    connector = aiohttp.TCPConnector(limit=32, keepalive_timeout=30)
    headers = {"Accept": "application/json"}
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers) as session:
        partner = FranceTravail(session, settings, communes)
        try:
            yield partner
        finally:
            await partner.close()


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def _read_body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _MAX_BODY_BYTES:
            raise UpstreamUnavailable("France Travail a répondu plus que de raison")
    return bytes(body)


def _read_token(answer: _Answer) -> Token:
    content = read_json(answer.body)
    if not isinstance(content, dict):
        raise UpstreamUnavailable("France Travail a répondu autre chose qu'un jeton")
    value, expires_in = content.get("access_token"), content.get("expires_in")
    if answer.status != 200 or not isinstance(value, str) or not isinstance(expires_in, int | float):
        reason = str(content.get("error", f"HTTP {answer.status}"))[:100]
        log.error("partner refuses our credentials", reason=reason)
        raise UpstreamUnavailable(f"France Travail refuse nos identifiants ({reason})")
    return Token(value, float(expires_in))


def _unexpected(answer: _Answer) -> UpstreamUnavailable:
    log.warning("partner refused", status=answer.status, body=answer.body[:300].decode(errors="replace"))
    return UpstreamUnavailable(f"France Travail a répondu par une erreur (HTTP {answer.status})")


def no_offre(offre_id: str) -> NotFound:
    """The error for an id without an offer."""
    return NotFound(f"l'offre {offre_id[:40]!r} n'existe pas, ou n'est plus publiée")
