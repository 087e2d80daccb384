"""The tables of a generation besides the trainings; the import writes them, the service reads them.

The file has a JSON value in each line: a heading, then the rows of each table. The service opens it while
it answers requests, so the look-ups for suggestions are stored ready, rows are decoded in slices, and those
of the jobs only when they are read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import orjson
from pydantic import TypeAdapter

from services.catalogue.etablissement import Etablissement
from services.catalogue.rome import Rome
from services.catalogue.suggest.commune_index import CommuneIndex
from services.catalogue.suggest.metier import Metier
from services.catalogue.suggest.metier_index import MetierIndex
from services.catalogue.suggest.postings import Postings
from services.common.packed_rows import PackedRows
from services.common.packing import pack, unpack
from services.common.slices import in_slices
from services.france.communes import Commune

T = TypeVar("T")

_FORMAT = 3
"""Increase it with every change of the shape of the tables, or of the words and ranks of suggestions.

Tables of another format are refused.
"""

_NAME = "tables.jsonl"


@dataclass(frozen=True, slots=True)
class SuggestionIndexes:
    """The look-ups of the suggestions, which follow from the tables and take seconds to build."""

    metiers: MetierIndex
    communes: CommuneIndex

    @classmethod
    def of(cls, metiers: Sequence[Metier], communes: Sequence[Commune]) -> SuggestionIndexes:
        return cls(MetierIndex.of(metiers), CommuneIndex.of(communes))


@dataclass(frozen=True, slots=True)
class Tables:
    """The data that is small enough to stay in memory."""

    etablissements: Sequence[Etablissement]
    romes: Sequence[Rome]
    metiers: Sequence[Metier]
    communes: Sequence[Commune]
    mobilite: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Maps each ROME code to its close codes, the closest first."""
    vocabulary: dict[str, int] = field(default_factory=dict)
    """Maps each token to the number of trainings that have it."""
    indexes: SuggestionIndexes | None = field(default=None, compare=False)
    """None until they are built: see `suggestion_indexes`."""

    def suggestion_indexes(self) -> SuggestionIndexes:
        """The indexes, which are built now if they were not."""
        return self.indexes or SuggestionIndexes.of(self.metiers, self.communes)


_ETABLISSEMENT = TypeAdapter(Etablissement)
_ROME = TypeAdapter(Rome)
_METIER = TypeAdapter(Metier)
_COMMUNE = TypeAdapter(Commune)
_MOBILITE = TypeAdapter(dict[str, tuple[str, ...]])
_VOCABULARY = TypeAdapter(dict[str, int])


@dataclass(frozen=True, slots=True)
class _Heading:
    format: int
    digest: str
    """Of all that follows, because most rows are not looked at when the tables are opened."""
    etablissements: int
    romes: int
    metiers: int
    communes: int


_HEADING = TypeAdapter(_Heading)


def encode_tables(tables: Tables) -> bytes:
    indexes = tables.suggestion_indexes()
    lists: tuple[Sequence[Any], ...] = (tables.etablissements, tables.romes, tables.metiers, tables.communes)
    values = [tables.mobilite, tables.vocabulary, pack(indexes.metiers), pack(indexes.communes)]
    lines = [*(row for rows in lists for row in rows), *values]
    content = b"".join(
        orjson.dumps(line, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE) for line in lines
    )
    heading = _Heading(_FORMAT, _digest(content), *map(len, lists))
    return orjson.dumps(heading, option=orjson.OPT_APPEND_NEWLINE) + content


def decode_tables(content: bytes) -> Tables:
    """Raises ValueError when the content is damaged or of another version."""
    heading = _read_heading(content)
    lines = _Lines(content, heading)
    etablissements = lines.rows(heading.etablissements, _ETABLISSEMENT)
    romes = lines.rows(heading.romes, _ROME)
    metiers = lines.rows(heading.metiers, _METIER)
    communes = lines.rows(heading.communes, _COMMUNE)
    return Tables(
        etablissements=list(in_slices(etablissements)),
        romes=list(romes),
        metiers=metiers.detached(),
        communes=list(in_slices(communes)),
        mobilite=_MOBILITE.validate_json(lines.next()),
        vocabulary=_VOCABULARY.validate_json(lines.next()),
        indexes=SuggestionIndexes(
            metiers=MetierIndex(**_columns(lines.next())), communes=CommuneIndex(**_columns(lines.next()))
        ),
    )


def _columns(line: bytes) -> dict[str, Any]:
    columns = unpack(orjson.loads(line))
    return columns | {"postings": Postings(**columns["postings"])}


def _read_heading(content: bytes) -> _Heading:
    # The format is checked before the shape, because another format may have another shape.
    written = orjson.loads(BytesIO(content).readline())
    if not isinstance(written, dict) or written.get("format") != _FORMAT:
        raise ValueError("the tables were written by another version; import the data again")
    return _HEADING.validate_python(written)


class _Lines:
    """The lines after the heading, read in their order. Raises ValueError unless they are as written."""

    def __init__(self, content: bytes, heading: _Heading) -> None:
        begin = content.find(b"\n") + 1
        if _digest(memoryview(content)[begin:]) != heading.digest:
            raise ValueError("the tables are damaged")
        self._content = content
        self._bounds = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n")) + 1
        self._read = 0

    def rows(self, count: int, row: TypeAdapter[T]) -> PackedRows[T]:
        bounds = self._bounds[self._read : self._read + count + 1]
        self._read += count
        return PackedRows(self._content, bounds, row)

    def next(self) -> bytes:
        begin, end = self._bounds[self._read : self._read + 2]
        self._read += 1
        return self._content[begin:end]


def _digest(content: bytes | memoryview) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def write_tables(folder: Path, tables: Tables) -> None:
    (folder / _NAME).write_bytes(encode_tables(tables))


def read_tables(folder: Path) -> Tables:
    """Raises OSError or ValueError when the tables are missing, damaged or of another version."""
    try:
        return decode_tables((folder / _NAME).read_bytes())
    except ValueError as error:
        raise ValueError(f"{folder}: {error}") from error
