"""One generation of the data in Elasticsearch: what it is, and its tables, which are not searched there."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from dataclasses import dataclass

from elasticsearch import AsyncElasticsearch, NotFoundError
from pydantic import TypeAdapter, ValidationError

from services.catalogue.engine.elasticsearch.mapping import FORMAT
from services.catalogue.importing.destination import Manifest
from services.catalogue.live import Unreadable
from services.catalogue.tables import Tables, decode_tables, encode_tables
from services.catalogue.text.analyser import VERSION

_PART_BYTES = 600_000
"""Before base64, which makes it a third larger: a request holds one whole (see elasticsearch_index.py)."""
_PARTS_AT_ONCE = 16
_INCOMPLETE = "le catalogue est incomplet dans Elasticsearch : charger à nouveau les données"


@dataclass(frozen=True, slots=True)
class Meta:
    """What an index says of itself, in its mapping."""

    manifest: Manifest
    parts: int
    """Pieces that the tables are cut in."""
    analyser: str = VERSION
    format: int = FORMAT


_META = TypeAdapter(Meta)


async def read_meta(client: AsyncElasticsearch, index: str) -> Meta:
    """What the index of the trainings says. Raises Unreadable when it is of another version."""
    try:
        answer = await client.indices.get_mapping(index=index)
    except NotFoundError as error:
        raise Unreadable(_INCOMPLETE) from error
    mappings = [found["mappings"] for found in answer.body.values()]
    try:
        meta = _META.validate_python(mappings[0].get("_meta"))
    except ValidationError as error:
        raise Unreadable(f"l'index {index} n'est pas un catalogue : charger des données") from error
    if (meta.analyser, meta.format) != (VERSION, FORMAT):
        raise Unreadable(
            f"le catalogue a été chargé par une autre version (analyseur {meta.analyser}, "
            f"format {meta.format} ; ici {VERSION} et {FORMAT}) : charger à nouveau les données"
        )
    return meta


def cut_tables(tables: Tables) -> list[str]:
    """The tables in pieces small enough for any server, in order."""
    return [base64.b64encode(piece).decode() for piece in _pieces(gzip.compress(encode_tables(tables), 6))]


def _pieces(content: bytes) -> Iterator[bytes]:
    return (content[at : at + _PART_BYTES] for at in range(0, len(content), _PART_BYTES))


async def read_tables(client: AsyncElasticsearch, index: str, parts: int) -> bytes:
    """The pieces put together again, for `join_tables`. Raises Unreadable when one is missing."""
    found: dict[str, str] = {}
    for begin in range(0, parts, _PARTS_AT_ONCE):
        ids = [str(number) for number in range(begin, min(parts, begin + _PARTS_AT_ONCE))]
        try:
            answer = await client.search(
                index=index,
                query={"ids": {"values": ids}},
                size=len(ids),
                allow_partial_search_results=False,
            )
        except NotFoundError as error:
            raise Unreadable(_INCOMPLETE) from error
        found |= {hit["_id"]: hit["_source"]["part"] for hit in answer["hits"]["hits"]}
    if len(found) != parts:
        raise Unreadable(_INCOMPLETE)
    return b"".join(base64.b64decode(found[str(number)]) for number in range(parts))


def join_tables(content: bytes) -> Tables:
    """Raises Unreadable when they are of another version."""
    try:
        return decode_tables(gzip.decompress(content))
    except (ValueError, OSError, EOFError) as error:
        raise Unreadable("les tables du catalogue sont illisibles : charger à nouveau les données") from error
