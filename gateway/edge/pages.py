"""GraphiQL and its files."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

_WEB = Path(__file__).parents[1] / "web"
_OURS = ("page.css", "page.js")
_ASSETS = {".js": "text/javascript", ".css": "text/css"}


def graphiql_page() -> str:
    return (_WEB / "graphiql.html").read_text(encoding="utf-8")


async def index(_: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/graphql")


async def asset(request: web.Request) -> web.Response:
    """A file of the page. GraphiQL's own are stored and sent compressed, since every browser accepts gzip."""
    name = request.match_info["name"]
    if name in _OURS:
        text = (_WEB / name).read_text(encoding="utf-8")
        return web.Response(text=text, content_type=_ASSETS[Path(name).suffix])
    path = _WEB / "graphiql" / f"{name}.gz"
    if not path.is_file():
        raise web.HTTPNotFound
    return web.Response(
        body=path.read_bytes(),
        content_type=_ASSETS[Path(name).suffix],
        charset="utf-8",
        headers={"Content-Encoding": "gzip", "Cache-Control": "public, max-age=86400"},
    )
