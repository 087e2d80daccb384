"""The metadata and the tables of one generation in Elasticsearch; tables are stored there, not searched."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from elasticsearch import AsyncElasticsearch, NotFoundError
from pydantic import TypeAdapter, ValidationError

from services.catalogue.engine.elasticsearch.mapping import FORMAT
from services.catalogue.importing.destination import Manifest
from services.catalogue.live import Unreadable
from services.catalogue.tables import Tables, decode_tables, encode_tables
from services.catalogue.text.analyser import VERSION

_PART_BYTES = 600_000
"""Size before base64, which adds a third: a part must fit in one request (MAX_BODY_BYTES of index.py)."""
_PARTS_PER_REQUEST = 2
"""The client parses an answer on the event loop: a few parts take a few milliseconds."""
_INCOMPLETE = "le catalogue est incomplet dans Elasticsearch : chargez à nouveau les données"


@dataclass(frozen=True, slots=True)
class Meta:
    """The metadata of an index, stored as `_meta` of its mapping.

    See https://www.elastic.co/guide/en/elasticsearch/reference/8.19/mapping-meta-field.html
    """

    manifest: Manifest
    parts: int
    """Number of parts that the tables are split into."""
    analyser: str = VERSION
    format: int = FORMAT


_META = TypeAdapter(Meta)


async def read_meta(client: AsyncElasticsearch, index: str) -> Meta:
    """The metadata of an index. Raises Unreadable when it is missing or of another version."""
    try:
        answer = await client.indices.get_mapping(index=index)
    except NotFoundError as error:
        raise Unreadable(_INCOMPLETE) from error
    mappings = [found["mappings"] for found in answer.body.values()]
    try:
        meta = _META.validate_python(mappings[0].get("_meta"))
    except ValidationError as error:
        raise Unreadable(f"l'index {index} n'est pas un catalogue : chargez des données") from error
    if (meta.analyser, meta.format) != (VERSION, FORMAT):
        raise Unreadable(
            f"le catalogue a été chargé par une autre version (analyseur {meta.analyser}, "
            f"format {meta.format} ; ici {VERSION} et {FORMAT}) : chargez à nouveau les données"
        )
    return meta


def split_tables(tables: Tables) -> list[str]:
    """The compressed tables as base64 parts, in order, each small enough for one request."""
    return [base64.b64encode(part).decode() for part in _parts(gzip.compress(encode_tables(tables), 6))]


def _parts(content: bytes) -> Iterator[bytes]:
    return (content[at : at + _PART_BYTES] for at in range(0, len(content), _PART_BYTES))


async def read_tables(client: AsyncElasticsearch, index: str, parts: int) -> list[str]:
    """The parts that `split_tables` made, in order. Raises Unreadable when one is missing."""
    found: dict[str, str] = {}
    for begin in range(0, parts, _PARTS_PER_REQUEST):
        ids = [str(number) for number in range(begin, min(parts, begin + _PARTS_PER_REQUEST))]
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
    return [found[str(number)] for number in range(parts)]


def join_tables(parts: Sequence[str]) -> Tables:
    """The tables of all parts. Raises Unreadable when they are damaged or of another version."""
    try:
        return decode_tables(gzip.decompress(b"".join(map(base64.b64decode, parts))))
    except (ValueError, OSError, EOFError) as error:
        raise Unreadable("les tables du catalogue sont illisibles : chargez à nouveau les données") from error
