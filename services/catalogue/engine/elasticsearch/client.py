"""The client of an Elasticsearch cluster: who we are to it, the time it has, and what its failures mean."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from elastic_transport.client_utils import DEFAULT
from elasticsearch import (
    ApiError,
    AsyncElasticsearch,
    AuthenticationException,
    AuthorizationException,
    ConnectionTimeout,
    NotFoundError,
    OrjsonSerializer,
    TransportError,
    UnsupportedProductError,
)
from elasticsearch.exceptions import SSLError

from services.catalogue.settings import ElasticsearchSettings
from services.common.deadline import remaining_s
from services.common.errors import UpstreamUnavailable

OLDEST_MAJOR = 8
TOO_OLD = f"le serveur n'est pas Elasticsearch {OLDEST_MAJOR} ou plus récent"

_CONNECTIONS = 64
_RETRIES = 3

# It logs a traceback for each try that another host makes good; what comes of a request is said by us.
logging.getLogger("elastic_transport").setLevel(logging.ERROR)


@asynccontextmanager
async def elasticsearch_client(settings: ElasticsearchSettings) -> AsyncIterator[AsyncElasticsearch]:
    """A client for the block; each try is given `elasticsearch_try_s`, then another host is asked."""
    client = open_client(settings)
    try:
        yield client
    finally:
        await client.close()


def open_client(settings: ElasticsearchSettings) -> AsyncElasticsearch:
    """Connects when it is first used, and is to be closed."""
    user, password = settings.elasticsearch_user, settings.elasticsearch_password
    key = settings.elasticsearch_api_key
    authority = settings.elasticsearch_ca_file
    return AsyncElasticsearch(
        settings.elasticsearch_hosts,
        api_key=key.get_secret_value() if key else None,
        basic_auth=(user, password.get_secret_value()) if user and password else None,
        # The hosts that were given may be the only ones that are reachable from here: none are looked for.
        ca_certs=str(authority) if authority else DEFAULT,
        connections_per_node=_CONNECTIONS,
        request_timeout=settings.elasticsearch_try_s,
        retry_on_timeout=True,
        max_retries=_RETRIES,
        serializer=OrjsonSerializer(),
    )


@asynccontextmanager
async def elasticsearch_call(at_most_s: float) -> AsyncIterator[None]:
    """Give the requests of the block what is left of the time.

    Raises UpstreamUnavailable when the cluster refuses us or does not answer, TimeoutError when it
    is too slow; what says that we are mistaken (a conflict, a bad request) passes as it is.
    """
    try:
        async with asyncio.timeout(remaining_s(at_most_s)):
            yield
    except ConnectionTimeout as error:
        raise TimeoutError from error
    except (ApiError, TransportError) as error:
        problem = _problem(error)
        if problem is None:
            raise
        raise UpstreamUnavailable(problem) from error


_PROBLEMS: tuple[tuple[type[Exception], str], ...] = (
    (AuthenticationException, "Elasticsearch refuse ces identifiants (CATALOGUE_ELASTICSEARCH_*)"),
    (AuthorizationException, "Elasticsearch refuse cet accès : ces identifiants n'y ont pas droit"),
    (NotFoundError, "le catalogue n'est plus dans Elasticsearch : charger à nouveau les données"),
    (UnsupportedProductError, TOO_OLD),
    (SSLError, "le certificat d'Elasticsearch n'est pas reconnu : vérifier CATALOGUE_ELASTICSEARCH_CA_FILE"),
    (TransportError, "Elasticsearch ne répond pas"),
)
"""What is wrong, for the people who run it; without addresses, as callers see it too."""


def _problem(error: ApiError | TransportError) -> str | None:
    """None when it is of our own making."""
    for kind, problem in _PROBLEMS:
        if isinstance(error, kind):
            return problem
    if not isinstance(error, ApiError):
        return None
    if error.status_code == 406 or (error.status_code == 400 and "media_type_header" in error.message):
        # It knows no requests of version 8.
        return TOO_OLD
    if error.status_code >= 500 or error.status_code == 429:
        return "Elasticsearch ne répond pas comme il faut"
    return None


async def check_version(client: AsyncElasticsearch) -> None:
    """Raise UpstreamUnavailable when a server of the cluster is too old; within an `elasticsearch_call`."""
    for version in await _versions(client):
        if int(version.partition(".")[0]) < OLDEST_MAJOR:
            raise UpstreamUnavailable(f"{TOO_OLD} : c'est la version {version}")


async def _versions(client: AsyncElasticsearch) -> list[str]:
    try:
        # Asked in no version's own way: an old server shall be able to answer.
        answer = await client.perform_request(
            "GET", "/_nodes", params={"filter_path": "nodes.*.version"}, headers={"accept": "*/*"}
        )
        body = answer.body
    except UnsupportedProductError as error:
        body = error.body
    except AuthorizationException:
        # The right to look at indexes goes without that of looking at servers.
        return []
    nodes = body.get("nodes", {}) if isinstance(body, Mapping) else {}
    return [str(node["version"]) for node in nodes.values()]
