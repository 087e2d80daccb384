"""The tables of a generation besides the trainings; the import writes them, the service reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import orjson
from pydantic import TypeAdapter

from services.catalogue.etablissement import Etablissement
from services.catalogue.rome import Rome
from services.catalogue.suggest.metier import Metier
from services.france.communes import Commune

_FORMAT = 2
"""Increase it with every change of the shape of the tables: tables of another format are refused."""

_NAME = "tables.json"


@dataclass(frozen=True, slots=True)
class Tables:
    """The data that is small enough to stay in memory."""

    etablissements: list[Etablissement]
    romes: list[Rome]
    metiers: list[Metier]
    communes: list[Commune]
    mobilite: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Maps each ROME code to its close codes, the closest first."""
    vocabulary: dict[str, int] = field(default_factory=dict)
    """Maps each token to the number of trainings that have it."""
    format: int = _FORMAT


_TABLES = TypeAdapter(Tables)


def encode_tables(tables: Tables) -> bytes:
    return orjson.dumps(tables, option=orjson.OPT_SORT_KEYS)


def decode_tables(content: bytes) -> Tables:
    """Raises ValueError when the content is damaged or of another version."""
    # The format is checked before the shape, because another format may have another shape.
    written = orjson.loads(content)
    if not isinstance(written, dict) or written.get("format") != _FORMAT:
        raise ValueError("the tables were written by another version; import the data again")
    return _TABLES.validate_python(written)


def write_tables(folder: Path, tables: Tables) -> None:
    (folder / _NAME).write_bytes(encode_tables(tables))


def read_tables(folder: Path) -> Tables:
    """Raises OSError or ValueError when the tables are missing, damaged or of another version."""
    try:
        return decode_tables((folder / _NAME).read_bytes())
    except ValueError as error:
        raise ValueError(f"{folder}: {error}") from error
