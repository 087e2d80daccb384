"""Damaged data of Elasticsearch is named; starts nodes on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from deploy.local.engines.elasticsearch.files import ElasticsearchFiles, ElasticsearchUnavailable
from deploy.local.engines.elasticsearch.server import ElasticsearchNode
from tests.support.damage import DAMAGES
from tests.support.elasticsearch import engine_folder
from tests.support.mongo import free_port

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.fixture
def server(elasticsearch_server_files: ElasticsearchFiles) -> Iterator[ElasticsearchNode]:
    """A server that is stopped, with an index of one document."""
    with engine_folder() as folder:
        node = ElasticsearchNode(elasticsearch_server_files, folder, free_port())
        node.start()
        with Elasticsearch(node.url) as client:
            client.index(index="essai", document={"intitule": "boulanger"}, refresh=True)
            client.indices.flush(index="essai")
        node.stop()
        yield node
        node.kill()


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("indices/*/0/index/*.cfs", "can't read an index: "),
        ("_state/*.cfs", "ended as it started: "),
    ],
)
@pytest.mark.timeout(180)
def test_cut_file_is_said_with_its_path(server: ElasticsearchNode, pattern: str, said: str) -> None:
    victims: list[Path] = list((server.node.folder / "data").glob(pattern))
    for path in victims:
        DAMAGES["halved"](path)

    with pytest.raises(ElasticsearchUnavailable) as raised:
        server.start()

    assert victims
    assert said in str(raised.value)
    assert "CorruptIndexException" in str(raised.value)
    assert any(str(path) in str(raised.value) for path in victims)
    assert not server.running
