"""The tables of a generation other than the trainings: written by the import, read by the service."""

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
"""Changes with the shape of the tables, so that those of another version are imported again."""

_NAME = "tables.json"


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything that is small enough to be held in memory."""

    etablissements: list[Etablissement]
    romes: list[Rome]
    metiers: list[Metier]
    communes: list[Commune]
    mobilite: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """ROME codes close to each, the closest first."""
    vocabulary: dict[str, int] = field(default_factory=dict)
    """Tokens of the trainings, and how many trainings have each."""
    format: int = _FORMAT


_TABLES = TypeAdapter(Tables)


def encode_tables(tables: Tables) -> bytes:
    return orjson.dumps(tables, option=orjson.OPT_SORT_KEYS)


def decode_tables(content: bytes) -> Tables:
    """Raises ValueError when they are not whole, or of another version."""
    # Looked at before the shape is checked, which another version's may not have.
    written = orjson.loads(content)
    if not isinstance(written, dict) or written.get("format") != _FORMAT:
        raise ValueError("the tables were written by another version; import the data again")
    return _TABLES.validate_python(written)


def write_tables(folder: Path, tables: Tables) -> None:
    (folder / _NAME).write_bytes(encode_tables(tables))


def read_tables(folder: Path) -> Tables:
    """Raises OSError or ValueError when they can't be read."""
    try:
        return decode_tables((folder / _NAME).read_bytes())
    except ValueError as error:
        raise ValueError(f"{folder}: {error}") from error
