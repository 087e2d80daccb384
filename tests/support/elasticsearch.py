"""Real Elasticsearch servers: one for the whole run, a secured one, a cluster for those who break it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from deploy.local.engines.elasticsearch.files import (
    ElasticsearchFiles,
    ElasticsearchUnavailable,
    elasticsearch_files,
    user_cache,
)
from deploy.local.engines.elasticsearch.node import Certificate, Login, NodeOptions
from deploy.local.engines.elasticsearch.server import ElasticsearchCluster, ElasticsearchNode
from tests.support.mongo import free_port


@dataclass(frozen=True)
class SecuredElasticsearch:
    """A server that wants a password, over HTTPS."""

    url: str
    user: str
    password: str
    ca: Path
    """PEM file of the authority that vouches for it."""


@contextmanager
def engine_folder() -> Iterator[Path]:
    """A temporary folder that the server's user can reach: as root, that of pytest is closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="lba-elasticsearch-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def elasticsearch_server_files(pytestconfig: pytest.Config) -> ElasticsearchFiles:
    """Downloaded once for this user; what needs them is skipped where they can't be had, but in CI."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def print_line(line: str) -> None:
        # Silence for a minute would look like a test that hangs.
        with capture.global_and_fixture_disabled():
            print(line, flush=True)  # noqa: T201 -- for the person who waits

    try:
        return elasticsearch_files(user_cache(), print_line)
    except ElasticsearchUnavailable as error:
        if os.environ.get("CI") == "true":
            raise
        print_line(f"\nno Elasticsearch here, its tests are skipped: {error}")
        pytest.skip("no Elasticsearch here")


@pytest.fixture(scope="session")
def elasticsearch_url(elasticsearch_server_files: ElasticsearchFiles) -> Iterator[str]:
    """A server that runs until the end of the tests; each test uses indexes of its own."""
    with engine_folder() as folder:
        server = ElasticsearchNode(elasticsearch_server_files, folder, free_port())
        server.start()
        yield server.url
        server.stop()


@pytest.fixture(scope="session")
def secured_elasticsearch(elasticsearch_server_files: ElasticsearchFiles) -> Iterator[SecuredElasticsearch]:
    """The same, with one user and a certificate of its own."""
    login = Login("lba", "un mot de passe d'essai")
    with engine_folder() as folder:
        certificate = write_certificate(folder)
        options = NodeOptions(login=login, certificate=certificate)
        server = ElasticsearchNode(elasticsearch_server_files, folder / "node", free_port(), options)
        server.start()
        yield SecuredElasticsearch(server.url, login.user, login.password, certificate.authority)
        server.stop()


@pytest.fixture(scope="session")
def elasticsearch_cluster(elasticsearch_server_files: ElasticsearchFiles) -> Iterator[ElasticsearchCluster]:
    """Three nodes; a test starts again the one that it kills."""
    with engine_folder() as folder:
        cluster = ElasticsearchCluster(elasticsearch_server_files, folder)
        cluster.start()
        yield cluster
        cluster.stop()


def write_certificate(folder: Path) -> Certificate:
    """Of an authority made for the occasion, for this machine's own address."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    certificate = Certificate(folder / "server.pem", folder / "server.key", folder / "ca.pem")
    authority.cert_pem.write_to_path(certificate.authority)
    issued.private_key_pem.write_to_path(certificate.key)
    certificate.chain.write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    return certificate
