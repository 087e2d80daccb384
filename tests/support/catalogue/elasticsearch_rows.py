"""Writes trainings to a real Elasticsearch, under a new prefix for each test."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from elasticsearch import AsyncElasticsearch

from services.catalogue.engine.elasticsearch.generation import Meta
from services.catalogue.engine.elasticsearch.index import create_index, fill_index
from services.catalogue.engine.elasticsearch.mapping import FORMATIONS_MAPPING, formation_document
from services.catalogue.engine.elasticsearch.store import ElasticsearchFormationStore
from services.catalogue.formation import Formation
from services.catalogue.importing.destination import Edition, Manifest, manifest_of
from services.catalogue.rome import Rome
from services.catalogue.settings import ElasticsearchSettings
from services.catalogue.tables import Tables
from services.catalogue.text.analyser import Analyser
from services.catalogue.text.formation_tokens import IndexedFormation, index_formation
from tests.support.catalogue.small_france import formation
from tests.support.france.communes import COMMUNE_ROWS, communes_of

_ANALYSER = Analyser()


def new_prefix() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"


def settings_for(url: str, **others: object) -> ElasticsearchSettings:
    """Settings for the server at this address, with a new prefix unless `others` has one."""
    defaults = {
        "elasticsearch_prefix": new_prefix(),
        "elasticsearch_timeout_s": 20.0,
        "elasticsearch_try_s": 20.0,
    }
    return ElasticsearchSettings.model_validate({"elasticsearch_url": url, **defaults, **others})


async def publish_rows(
    client: AsyncElasticsearch, prefix: str, rows: Sequence[IndexedFormation]
) -> ElasticsearchFormationStore:
    """A store of these trainings for tests of searches, without tables and aliases."""
    index = f"{prefix}-rows"
    await create_index(client, index, FORMATIONS_MAPPING, Meta(Manifest(len(rows), ""), 0))
    await fill_index(client, index, ((each.formation.id, formation_document(each)) for each in rows))
    return ElasticsearchFormationStore(client, index, index, at_most_s=20.0)


def index_formations(formations: Sequence[Formation]) -> list[IndexedFormation]:
    return [index_formation(each, {}, _ANALYSER) for each in formations]


def edition(label: str, count: int) -> Edition:
    """An edition of `count` trainings whose ids and titles start with the label, and of one job named so."""
    rows = index_formations(
        [formation(f"{label}{number}", f"{label} {number:05}") for number in range(count)]
    )
    tables = Tables([], [Rome("D1102", label)], [], communes_of(COMMUNE_ROWS))
    return Edition(rows, tables, manifest_of(rows, tables))
