from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from pydantic import SecretStr

from services.catalogue.criteria import FormationCriteria, PageWanted
from services.catalogue.engine.elasticsearch.client import elasticsearch_client
from services.catalogue.engine.elasticsearch.destination import ElasticsearchDestination
from services.catalogue.engine.elasticsearch.source import ElasticsearchSource
from services.catalogue.engine.elasticsearch.store import ElasticsearchFormationStore
from services.catalogue.live import LiveCatalogue
from services.catalogue.settings import ElasticsearchSettings
from services.common import deadline
from services.common.errors import UpstreamUnavailable
from services.common.report import ImportConsole
from tests.support.catalogue.elasticsearch_rows import edition, settings_for
from tests.support.elasticsearch import SecuredElasticsearch
from tests.support.mongo import free_port

ELASTIC = {"X-Elastic-Product": "Elasticsearch"}


@asynccontextmanager
async def live_catalogue(settings: ElasticsearchSettings) -> AsyncIterator[LiveCatalogue]:
    async with elasticsearch_client(settings) as client:
        yield LiveCatalogue(ElasticsearchSource(client, settings))


async def problem(settings: ElasticsearchSettings) -> str:
    """The message of the service at its start, which must be the message of an import too."""
    async with live_catalogue(settings) as live:
        with pytest.raises(UpstreamUnavailable) as at_start:
            await live.ping()
        with pytest.raises(UpstreamUnavailable) as in_a_call:
            await live.current()
    assert at_start.value.message == in_a_call.value.message
    destination = ElasticsearchDestination(settings)
    with pytest.raises(UpstreamUnavailable) as at_import:
        await destination.live()
    await destination.close()
    assert at_import.value.message == at_start.value.message
    return at_start.value.message


async def publish_and_count(settings: ElasticsearchSettings, quiet: ImportConsole) -> int:
    destination = ElasticsearchDestination(settings, heartbeat_s=0.05)
    await destination.publish(edition("pain", 12), quiet)
    await destination.close()
    async with live_catalogue(settings) as live:
        await live.ping()
        store = (await live.current()).formations
        return (await store.search(FormationCriteria(), PageWanted(0))).total


def secured(server: SecuredElasticsearch, **others: object) -> ElasticsearchSettings:
    return settings_for(server.url, **{"elasticsearch_ca_file": server.ca, **others})


async def test_user_and_password_over_tls(
    secured_elasticsearch: SecuredElasticsearch, quiet: ImportConsole
) -> None:
    server = secured_elasticsearch
    settings = secured(
        server, elasticsearch_user=server.user, elasticsearch_password=SecretStr(server.password)
    )

    assert await publish_and_count(settings, quiet) == 12


async def test_index_that_holds_something_else_is_said(elasticsearch_url: str) -> None:
    settings = settings_for(elasticsearch_url)
    alias = f"{settings.elasticsearch_prefix}-formations"
    async with elasticsearch_client(settings) as client:
        await client.indices.create(index=f"{alias}-notes", aliases={alias: {}})

    assert await problem_of_service(settings) == (
        f"l'index {alias}-notes n'est pas un catalogue : chargez des données"
    )


async def test_wrong_credentials_are_said(secured_elasticsearch: SecuredElasticsearch) -> None:
    server = secured_elasticsearch
    wrong = [
        secured(server),
        secured(server, elasticsearch_user=server.user, elasticsearch_password=SecretStr("autre")),
        secured(server, elasticsearch_api_key=SecretStr("c2FucyBkcm9pdDphdWN1bg==")),
    ]

    for settings in wrong:
        assert "refuse ces identifiants" in await problem(settings)


async def test_unknown_authority_is_said(secured_elasticsearch: SecuredElasticsearch) -> None:
    assert "certificat" in await problem(settings_for(secured_elasticsearch.url))


Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def http_server(handler: Handler) -> AsyncIterator[str]:
    """A server that gives answers which a real cluster does not give."""
    server = web.Server(handler)
    runner = web.ServerRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def test_api_key_is_sent_with_each_request() -> None:
    sent = []

    async def no_data(request: web.BaseRequest) -> web.StreamResponse:
        sent.append(request.headers.get("Authorization"))
        if request.path == "/_nodes":
            return web.json_response({"nodes": {"a": {"version": "9.2.0"}}}, headers=ELASTIC)
        return web.json_response({"error": "alias missing", "status": 404}, status=404, headers=ELASTIC)

    async with http_server(no_data) as url:
        message = await problem_of_service(settings_for(url, elasticsearch_api_key=SecretStr("Y2zDqQ==")))

    assert "vide" in message
    assert sent == ["ApiKey Y2zDqQ=="] * 2


async def problem_of_service(settings: ElasticsearchSettings) -> str:
    async with live_catalogue(settings) as live:
        with pytest.raises(UpstreamUnavailable) as raised:
            await live.ping()
    return raised.value.message


async def test_key_without_the_right_to_look_at_servers_will_do() -> None:
    async def only_indexes(request: web.BaseRequest) -> web.StreamResponse:
        status = 403 if request.path == "/_nodes" else 404
        return web.json_response({"error": {"type": "no"}, "status": status}, status=status, headers=ELASTIC)

    async with http_server(only_indexes) as url:
        assert "vide" in await problem_of_service(settings_for(url))


async def test_right_to_the_indexes_that_lacks_is_said() -> None:
    async def nothing(_: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"error": {"type": "no"}, "status": 403}, status=403, headers=ELASTIC)

    async with http_server(nothing) as url:
        assert "n'y ont pas droit" in await problem(settings_for(url))


@pytest.mark.parametrize(("version", "headers"), [("7.17.9", ELASTIC), ("7.10.2", {}), ("2.11.0", {})])
async def test_server_that_is_too_old_is_said(version: str, headers: dict[str, str]) -> None:
    async def old(request: web.BaseRequest) -> web.StreamResponse:
        if "compatible-with=8" in request.headers["Accept"]:
            refusal = {"error": {"type": "media_type_header_exception"}, "status": 400}
            return web.json_response(refusal, status=400, headers=headers)
        return web.json_response({"nodes": {"a": {"version": version}}}, headers=headers)

    async with http_server(old) as url:
        assert await problem(settings_for(url)) == (
            f"le serveur n'est pas Elasticsearch 8 ou plus récent : c'est la version {version}"
        )


async def test_server_that_is_something_else_is_said() -> None:
    async def something(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="<h1>Bienvenue</h1>", content_type="text/html")

    async with http_server(something) as url:
        assert "le serveur n'est pas Elasticsearch" in await problem(settings_for(url))


async def test_servers_that_all_fail_are_said() -> None:
    async def failing(_: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"error": {"type": "no_master"}, "status": 503}, status=503)

    async with http_server(failing) as url:
        assert "ne répond pas comme il faut" in await problem(settings_for(url))


async def test_host_that_is_not_there_is_said() -> None:
    assert await problem(settings_for(f"http://127.0.0.1:{free_port()}")) == "Elasticsearch ne répond pas"


async def test_dead_host_among_others_is_passed_over(elasticsearch_url: str, quiet: ImportConsole) -> None:
    dead = f"http://127.0.0.1:{free_port()}"

    assert await publish_and_count(settings_for(f"{dead}, {elasticsearch_url}"), quiet) == 12


@asynccontextmanager
async def silent_host() -> AsyncIterator[str]:
    """A host that accepts connections and never answers."""

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1_000):
            pass
        writer.close()

    server = await asyncio.start_server(wait, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_host_that_hangs_is_given_up_for_another(elasticsearch_url: str, quiet: ImportConsole) -> None:
    settings = settings_for(elasticsearch_url)
    assert await publish_and_count(settings, quiet) == 12

    async with silent_host() as silent:
        both = settings.model_copy(
            update={"elasticsearch_url": f"{silent},{elasticsearch_url}", "elasticsearch_try_s": 0.2}
        )
        async with live_catalogue(both) as live:
            for _ in range(10):
                store = (await live.current()).formations
                assert (await store.search(FormationCriteria(), PageWanted(0))).total == 12


async def test_search_ends_with_the_time_of_its_request() -> None:
    async def ask(store: ElasticsearchFormationStore) -> None:
        deadline.start(0.1)
        await store.search(FormationCriteria(), PageWanted(0))

    # Nothing else would end the search: the limits of the store and of the client exceed that of the test.
    async with silent_host() as silent:
        settings = settings_for(silent).model_copy(update={"elasticsearch_try_s": 1_000.0})
        async with elasticsearch_client(settings) as client:
            with pytest.raises(TimeoutError):
                await asyncio.create_task(ask(ElasticsearchFormationStore(client, "index", "alias", 1_000.0)))


@pytest.mark.slow
async def test_cluster_that_hangs_is_said() -> None:
    async with silent_host() as silent:
        assert "ne répond pas à temps" in await problem_of_service(settings_for(silent))
