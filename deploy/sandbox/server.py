"""A server that implements the contract of France Travail's "Offres d'emploi v2" over simulated offers.

    POST /connexion/oauth2/access_token?realm=%2Fpartenaire      a token for a client's credentials
    GET  /partenaire/offresdemploi/v2/offres/search              offers, a page at a time
    GET  /partenaire/offresdemploi/v2/offres/{id}                one offer
    GET  /offres/recherche/detail/{id}                           the HTML page that `urlOrigine` links to
    GET  /sandbox/health                                         200 once it serves
    *    /sandbox/faults, /sandbox/tokens                        see `faults.py`; from this machine only

The contract specifies no body for a 400. The body used here was observed in answers of the partner.
"""

from __future__ import annotations

import asyncio
import html
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Literal

import orjson
from aiohttp import hdrs, web
from pydantic import ValidationError

from deploy.sandbox.faults import FaultBox, Faults, Lie
from deploy.sandbox.offres import Json, OffresSimulees, Resultat
from deploy.sandbox.query import BadParameter, Query, read_query
from deploy.sandbox.quota import Bucket, TokenRefused, Tokens
from deploy.sandbox.settings import Settings

TOKEN_PATH = "/connexion/oauth2/access_token"  # noqa: S105 - a path
API_PATH = "/partenaire/offresdemploi"

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_ASKED_KEPT = 10_000
_LOOPBACK = frozenset({"127.0.0.1", "::1"})


class Sandbox:
    """The routes and their shared state: tokens, quota, faults, counters."""

    def __init__(self, offres: OffresSimulees, settings: Settings) -> None:
        self.offres = offres
        self.tokens = Tokens(
            settings.client_id, settings.client_secret.get_secret_value(), settings.token_lifetime_s
        )
        self.bucket = Bucket(settings.requests_per_s)
        self.faults = FaultBox(settings.faults)
        self.requests = 0
        """Number of requests to the API so far, including refused ones."""
        self.asked: deque[str] = deque(maxlen=_ASKED_KEPT)
        """Path and query of the latest of them, below API_PATH, in order of arrival."""

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._inject_faults])
        app.router.add_post(TOKEN_PATH, self._token)
        app.router.add_get(f"{API_PATH}/v2/offres/search", self._authenticated(self._search))
        app.router.add_get(f"{API_PATH}/v2/offres/{{id}}", self._authenticated(self._detail))
        app.router.add_get("/offres/recherche/detail/{id}", self._page)
        app.router.add_get("/sandbox/health", _health)
        app.router.add_get("/sandbox/faults", _only_local(self._show_faults))
        app.router.add_put("/sandbox/faults", _only_local(self._set_faults))
        app.router.add_delete("/sandbox/faults", _only_local(self._clear_faults))
        app.router.add_delete("/sandbox/tokens", _only_local(self._revoke_tokens))
        return app

    @web.middleware
    async def _inject_faults(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        target = _target(request)
        if target is None:
            return await handler(request)
        if target == "api":
            self.requests += 1
            self.asked.append(request.path_qs.removeprefix(API_PATH))
        faults = self.faults.faults_for(target)
        await asyncio.sleep(faults.latency_ms / 1000)
        status = faults.draw_error_status()
        if status is not None:
            return _error_response(status, faults)
        response = await handler(request)
        if faults.lie is None or not isinstance(response, web.Response):
            return response
        return await _falsify(request, response, faults.lie)

    def _authenticated(self, handler: _Handler) -> _Handler:
        async def authenticated(request: web.Request) -> web.StreamResponse:
            if not self.tokens.is_valid(request.headers.get(hdrs.AUTHORIZATION, "")):
                challenge = 'Bearer realm="/partenaire", error="invalid_token"'
                return web.Response(status=401, headers={hdrs.WWW_AUTHENTICATE: challenge})
            allowed = self.bucket.take()
            response = await handler(request) if allowed else _too_many_requests()
            response.headers["X-Ratelimit-Burst-Capacity-Clientidlimiter"] = str(self.bucket.capacity)
            response.headers["X-Ratelimit-Remaining-Clientidlimiter"] = str(self.bucket.remaining)
            return response

        return authenticated

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            token, scope = self.tokens.issue(form, request.query.get("realm", ""))
        except TokenRefused as refusal:
            return _json({"error": refusal.error, "error_description": refusal.description}, status=400)
        answer = {
            "scope": scope,
            "expires_in": self.tokens.lifetime_s,
            "token_type": "Bearer",
            "access_token": token,
        }
        return _json(answer)

    async def _search(self, request: web.Request) -> web.Response:
        now = time.time()
        try:
            query = read_query(request.query, self.offres.communes, now)
        except BadParameter as refusal:
            return _bad_request(str(refusal))
        found = self.offres.search(query, now)
        return _results(query, found, now, str(request.url.origin()))

    async def _detail(self, request: web.Request) -> web.Response:
        offre_id = request.match_info["id"]
        if not offre_id.isascii() or not offre_id.isalnum():
            return _bad_request("Format de l'identifiant de l'offre incorrect.")
        offre = self.offres.get(offre_id)
        if offre is None:
            return web.Response(status=204)
        return _json(offre.to_json(time.time(), str(request.url.origin())))

    async def _page(self, request: web.Request) -> web.Response:
        offre = self.offres.get(request.match_info["id"])
        if offre is None:
            raise web.HTTPNotFound(text="Cette offre simulée n'existe pas.")
        title, text = (html.escape(str(offre.payload[name])) for name in ("intitule", "description"))
        page = (
            f'<!doctype html><html lang="fr"><meta charset="utf-8"><title>{title}</title>'
            f"<h1>{title}</h1><p><strong>Offre simulée : elle n'existe pas.</strong></p>"
            f'<p style="white-space:pre-line">{text}</p>'
        )
        return web.Response(text=page, content_type="text/html")

    async def _show_faults(self, _: web.Request) -> web.Response:
        return _json(self.faults.faults.model_dump(mode="json", by_alias=True, exclude_defaults=True))

    async def _set_faults(self, request: web.Request) -> web.Response:
        try:
            self.faults.set(Faults.model_validate_json(await request.read()))
        except ValidationError as error:
            return web.Response(status=400, text=str(error))
        return await self._show_faults(request)

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self.faults.set(Faults())
        return web.Response(status=204)

    async def _revoke_tokens(self, _: web.Request) -> web.Response:
        self.tokens.revoke()
        return web.Response(status=204)


@asynccontextmanager
async def running_sandbox(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Serve the sandbox during the block; yields its port. Port 0 takes a free one."""
    runner = web.AppRunner(sandbox.app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


def _target(request: web.Request) -> Literal["api", "token"] | None:
    if request.path == TOKEN_PATH:
        return "token"
    return "api" if request.path.startswith(API_PATH) else None


def _only_local(handler: _Handler) -> _Handler:
    async def only_local(request: web.Request) -> web.StreamResponse:
        if request.remote not in _LOOPBACK:
            raise web.HTTPForbidden(text="Seulement depuis la machine du bac à sable.")
        return await handler(request)

    return only_local


async def _health(_: web.Request) -> web.Response:
    return web.Response(text="ok")


def _results(query: Query, found: Resultat, now: float, site: str) -> web.Response:
    if not found.rows:
        content_range = f"offres -1--1/{found.total}" if found.total else "*/0"
        return web.Response(status=204, headers={hdrs.CONTENT_RANGE: content_range})
    body = {"resultats": [offre.to_json(now, site) for offre in found.rows]} | found.filtres
    last = query.start + len(found.rows) - 1
    is_complete = len(found.rows) == found.total
    headers: dict[str, str] = {hdrs.CONTENT_RANGE: f"offres {query.start}-{last}/{found.total}"}
    return _json(body, status=200 if is_complete else 206, headers=headers)


def _json(content: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status, headers=headers, body=orjson.dumps(content), content_type="application/json"
    )


def _bad_request(message: str) -> web.Response:
    return _json({"codeHttp": 400, "codeErreur": "PARAMETRE_INCORRECT", "message": message}, status=400)


def _too_many_requests(retry_after_s: int = 1) -> web.Response:
    return web.Response(status=429, text="Too Many Requests", headers={hdrs.RETRY_AFTER: str(retry_after_s)})


def _error_response(status: int, faults: Faults) -> web.Response:
    if status == 429:
        return _too_many_requests(faults.retry_after_s)
    return web.Response(status=status, text="faute simulée")


async def _falsify(request: web.Request, response: web.Response, lie: Lie) -> web.StreamResponse:
    body = response.body if isinstance(response.body, bytes) else b""
    if lie is Lie.TRUNCATED:
        return await _truncate(request, response, body)
    if lie is Lie.NO_RANGE:
        response.headers.popall(hdrs.CONTENT_RANGE, None)
    elif lie is Lie.HTML:
        response = web.Response(text="<html><body>Maintenance</body></html>", content_type="text/html")
    elif lie is Lie.NOT_OBJECT:
        response = web.Response(body=b"[]", content_type="application/json")
    elif body:
        response.body = _with_wrong_types(body)
    return response


async def _truncate(request: web.Request, response: web.Response, body: bytes) -> web.StreamResponse:
    """Announce the length of the whole body, send half of it, then close the connection."""
    truncated = web.StreamResponse(status=response.status, headers=response.headers)
    truncated.content_length = len(body)
    await truncated.prepare(request)
    await truncated.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return truncated


def _with_wrong_types(body: bytes) -> bytes:
    content = orjson.loads(body)
    rows = content.get("resultats", [content])
    for row in rows[::3]:
        row |= {"intitule": ["?"], "lieuTravail": {"latitude": "au nord"}, "nombrePostes": "plusieurs"}
    return orjson.dumps(content)
