from __future__ import annotations

import os
import signal
import ssl
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import psutil
import pytest
from elastic_transport import TlsError
from elasticsearch import AuthenticationException, Elasticsearch

from deploy.local.engines.elasticsearch.files import (
    ElasticsearchFiles,
    ElasticsearchUnavailable,
    elasticsearch_files,
)
from deploy.local.engines.elasticsearch.node import Node, NodeOptions
from deploy.local.engines.elasticsearch.server import ElasticsearchCluster, ElasticsearchNode
from tests.support.elasticsearch import SecuredElasticsearch, engine_folder
from tests.support.local_copy import Run, make_copy
from tests.support.mongo import free_port
from tests.support.waiting import wait_until

pytestmark = pytest.mark.server


@pytest.fixture
def folder() -> Iterator[Path]:
    with engine_folder() as path:
        yield path


@pytest.fixture
def server(elasticsearch_server_files: ElasticsearchFiles, folder: Path) -> Iterator[ElasticsearchNode]:
    """A server that is not started yet."""
    node = ElasticsearchNode(elasticsearch_server_files, folder, free_port())
    yield node
    node.kill()


def _ours(folder: Path) -> list[psutil.Process]:
    """The processes of the nodes that run in a folder."""
    return [process for process in psutil.process_iter() if _runs_in(folder, process)]


def _runs_in(folder: Path, process: psutil.Process) -> bool:
    try:
        alive = process.status() != psutil.STATUS_ZOMBIE
        return alive and str(folder) in process.environ().get("ES_PATH_CONF", "")
    except psutil.Error:
        # Other tests' processes end at any moment, also between the listing and the look.
        return False


def test_server_takes_documents_and_finds_them(elasticsearch_url: str) -> None:
    index = f"test-{uuid.uuid4().hex}"
    with Elasticsearch(elasticsearch_url) as client:
        client.index(index=index, document={"intitule": "CAP Boulanger"}, refresh=True)

        found = client.search(index=index, query={"match": {"intitule": "boulanger"}})
        client.indices.delete(index=index)

    assert found["hits"]["total"]["value"] == 1


def test_documents_outlive_a_stop_which_leaves_no_process(
    server: ElasticsearchNode, elasticsearch_server_files: ElasticsearchFiles, folder: Path
) -> None:
    server.start()
    cluster = server.node.cluster_id()
    with Elasticsearch(server.url) as client:
        client.index(index="kept", id="1", document={})
    with pytest.raises(ElasticsearchUnavailable, match="is in use by another Elasticsearch"):
        ElasticsearchNode(elasticsearch_server_files, folder, free_port()).start()
    assert len(_ours(folder)) == 2

    server.stop()
    server.stop()

    assert _ours(folder) == []

    server.start()
    with Elasticsearch(server.url) as client:
        assert client.exists(index="kept", id="1")
    assert server.node.cluster_id() == cluster
    server.kill()

    wait_until(lambda: _ours(folder) == [])
    assert server.node.cluster_id() == ""


def test_killed_node_of_a_cluster_is_replaced_by_its_copy(
    elasticsearch_cluster: ElasticsearchCluster,
) -> None:
    cluster = elasticsearch_cluster
    settings = {"number_of_replicas": 1, "unassigned": {"node_left": {"delayed_timeout": "0"}}}
    with Elasticsearch(cluster.urls, request_timeout=60, retry_on_timeout=True, max_retries=3) as client:
        client.indices.create(index="copied", settings={"index": settings})
        client.index(index="copied", id="1", document={}, refresh=True)
        client.cluster.health(index="copied", wait_for_status="green", wait_for_nodes="3", timeout="30s")

        cluster.kill_node(0)

        assert client.search(index="copied")["hits"]["total"]["value"] == 1
        without = client.cluster.health(
            index="copied", wait_for_status="green", wait_for_nodes="2", timeout="30s"
        )
        cluster.start_node(0)
        again = client.cluster.health(
            index="copied", wait_for_status="green", wait_for_nodes="3", timeout="30s"
        )

    assert (without["timed_out"], again["timed_out"]) == (False, False)


def test_secured_server_lets_in_its_user_only(secured_elasticsearch: SecuredElasticsearch) -> None:
    server = secured_elasticsearch
    with Elasticsearch(server.url, ca_certs=str(server.ca)) as anybody:
        with pytest.raises(AuthenticationException):
            anybody.cluster.health()

        wrong = anybody.options(basic_auth=(server.user, "autre"))
        with pytest.raises(AuthenticationException):
            wrong.cluster.health()

        right = anybody.options(basic_auth=(server.user, server.password))
        assert right.cluster.health()["status"] in ("yellow", "green")


def test_secured_server_reads_an_api_key(secured_elasticsearch: SecuredElasticsearch) -> None:
    # This build can't create API keys. The refusal names the id, so the server has read the key.
    server = secured_elasticsearch
    with (
        Elasticsearch(server.url, ca_certs=str(server.ca), api_key=("the-id", "the-key")) as client,
        pytest.raises(AuthenticationException) as refused,
    ):
        client.cluster.health()

    assert "API key: apikey authentication for id the-id" in str(refused.value.body)


def test_secured_server_is_vouched_for_by_its_own_authority_only(
    secured_elasticsearch: SecuredElasticsearch,
) -> None:
    context = ssl.create_default_context()
    with (
        Elasticsearch(secured_elasticsearch.url, ssl_context=context, max_retries=0) as client,
        pytest.raises(TlsError),
    ):
        client.cluster.health()


def test_taken_port_is_named(
    elasticsearch_url: str, elasticsearch_server_files: ElasticsearchFiles, folder: Path
) -> None:
    port = int(elasticsearch_url.rpartition(":")[2])

    with pytest.raises(ElasticsearchUnavailable, match=f"port {port} is taken"):
        ElasticsearchNode(elasticsearch_server_files, folder, port).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts it as another user")
def test_folder_closed_to_the_user_who_runs_it_is_named(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o700)
    node = Node(ElasticsearchFiles(folder, folder), folder / "closed" / "node", free_port())

    with pytest.raises(ElasticsearchUnavailable, match=r"the user nobody can't reach .*closed/node"):
        node.prepare()


def test_reason_why_a_server_ended_is_said(
    elasticsearch_server_files: ElasticsearchFiles, folder: Path
) -> None:
    server = ElasticsearchNode(elasticsearch_server_files, folder, free_port(), NodeOptions(heap="1k"))

    with pytest.raises(ElasticsearchUnavailable, match=r"started: Error occurred.*elasticsearch\.log"):
        server.start()

    assert _ours(folder) == []


class _Repository(BaseHTTPRequestHandler):
    """Answers any request with the same few bytes."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"zip?")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class names it
        """Log nothing: the output of the tests stays readable."""


@pytest.fixture
def false_repository() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Repository) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_server_of_other_bytes_is_refused_and_not_kept(folder: Path, false_repository: str) -> None:
    notified: list[str] = []

    with pytest.raises(ElasticsearchUnavailable, match=r"SHA-256 is .*, not 8d943e94"):
        elasticsearch_files(folder, notified.append, false_repository)

    assert [path.name for path in folder.iterdir()] == ["lock"]
    assert "98 MB" in notified[0]


def test_registry_that_does_not_answer_is_said(folder: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(ElasticsearchUnavailable, match=f"can't be downloaded from {nobody}: "):
        elasticsearch_files(folder, lambda _: None, nobody)

    assert [path.name for path in folder.iterdir()] == ["lock"]


def test_folder_that_can_not_be_made_is_said(folder: Path) -> None:
    (folder / "file").touch()

    with pytest.raises(ElasticsearchUnavailable, match="file/cache can't hold Elasticsearch"):
        elasticsearch_files(folder / "file" / "cache", lambda _: None)


def test_local_run_serves_on_elasticsearch_which_dies_with_it(
    elasticsearch_server_files: ElasticsearchFiles, folder: Path
) -> None:
    engines = str(elasticsearch_server_files.home.parent)
    copy = make_copy(folder / "copy")
    run = Run(copy, folder / "state", free_port(), "--engine", "elasticsearch", "--engines", engines)

    try:
        said = run.wait_until_ready()
        (catalogue,) = run.of("services.catalogue")
        url = catalogue.environ()["CATALOGUE_ELASTICSEARCH_URL"]
        with Elasticsearch(url) as client:
            assert client.cluster.health()["number_of_nodes"] == 1
        assert len(_ours(folder)) == 2
    finally:
        run.end(signal.SIGKILL)
        run.wait_until_nothing_is_left()

    assert said.index("starting Elasticsearch") < said.index("loading catalogue")
    assert f"engine     Elasticsearch 8.19.8, {url}" in said

    assert _ours(folder) == []

    embedded = Run(copy, folder / "state", free_port(), "--import-only")

    assert embedded.code() == 0
    again = embedded.output.read_text()
    assert "loading catalogue" in again
    assert "loading jobs" not in again
    assert "Elasticsearch" not in again


def test_unknown_engine_is_named(folder: Path) -> None:
    run = Run(make_copy(folder / "copy"), folder / "state", free_port(), "--engine", "solr")

    assert run.code() == 1
    assert "'solr' is no engine: elasticsearch, or nothing" in run.output.read_text()
