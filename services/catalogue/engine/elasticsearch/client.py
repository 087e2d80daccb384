"""The client of an Elasticsearch cluster: its credentials, its timeouts, and the meaning of its errors."""

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

# The transport logs a traceback for each failed attempt, even when a retry on another host succeeds.
# The outcome of the whole request is logged by our own code.
logging.getLogger("elastic_transport").setLevel(logging.ERROR)


@asynccontextmanager
async def elasticsearch_client(settings: ElasticsearchSettings) -> AsyncIterator[AsyncElasticsearch]:
    """A client for the block. An attempt times out after `elasticsearch_try_s`, then goes to another host."""
    client = open_client(settings)
    try:
        yield client
    finally:
        await client.close()


def open_client(settings: ElasticsearchSettings) -> AsyncElasticsearch:
    """As `elasticsearch_client`, but the caller closes it. It connects at the first request."""
    user, password = settings.elasticsearch_user, settings.elasticsearch_password
    key = settings.elasticsearch_api_key
    authority = settings.elasticsearch_ca_file
    return AsyncElasticsearch(
        settings.elasticsearch_hosts,
        api_key=key.get_secret_value() if key else None,
        basic_auth=(user, password.get_secret_value()) if user and password else None,
        # No sniffing: the configured hosts may be the only ones that this machine can reach.
        ca_certs=str(authority) if authority else DEFAULT,
        connections_per_node=_CONNECTIONS,
        request_timeout=settings.elasticsearch_try_s,
        retry_on_timeout=True,
        max_retries=_RETRIES,
        serializer=OrjsonSerializer(),
    )


@asynccontextmanager
async def elasticsearch_call(at_most_s: float) -> AsyncIterator[None]:
    """Limit the requests of the block to the rest of the deadline, and to `at_most_s`.

    Raises UpstreamUnavailable when the cluster does not answer or denies access, TimeoutError when it
    is too slow. Errors of our own request (a conflict, a bad request) are raised unchanged.
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
    (AuthorizationException, "Elasticsearch refuse cet accès : ces identifiants n'y ont pas droit"),
    (NotFoundError, "le catalogue n'est plus dans Elasticsearch : chargez à nouveau les données"),
    (UnsupportedProductError, TOO_OLD),
    (SSLError, "le certificat d'Elasticsearch n'est pas reconnu : vérifiez CATALOGUE_ELASTICSEARCH_CA_FILE"),
    (TransportError, "Elasticsearch ne répond pas"),
)
"""Messages for the operators. Callers see them too, so they contain no address."""


def _problem(error: ApiError | TransportError) -> str | None:
    """The message of the cluster's failure; None when our own request is wrong."""
    for kind, problem in _PROBLEMS:
        if isinstance(error, kind):
            return problem
    if not isinstance(error, ApiError):
        return None
    if error.status_code == 406 or (error.status_code == 400 and "media_type_header" in error.message):
        # Elasticsearch 7 refuses the media type that clients of version 8 send.
        return TOO_OLD
    if error.status_code >= 500 or error.status_code == 429:
        return "Elasticsearch ne répond pas comme il faut"
    return None


async def check_version(client: AsyncElasticsearch) -> None:
    """Raise UpstreamUnavailable when a node of the cluster is too old. Call it in an `elasticsearch_call`."""
    for version in await _versions(client):
        if int(version.partition(".")[0]) < OLDEST_MAJOR:
            raise UpstreamUnavailable(f"{TOO_OLD} : c'est la version {version}")


async def _versions(client: AsyncElasticsearch) -> list[str]:
    try:
        # The plain `accept` header names no version, so that an old server answers too.
        answer = await client.perform_request(
            "GET", "/_nodes", params={"filter_path": "nodes.*.version"}, headers={"accept": "*/*"}
        )
        body = answer.body
    except UnsupportedProductError as error:
        body = error.body
    except AuthorizationException:
        # The user may read the indexes without the privilege to list the nodes.
        return []
    nodes = body.get("nodes", {}) if isinstance(body, Mapping) else {}
    return [str(node["version"]) for node in nodes.values()]
