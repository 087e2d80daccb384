"""The tables of a generation other than the trainings: written by the import, read by the service."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson
from pydantic import TypeAdapter

from services.catalogue.commune import Commune
from services.catalogue.etablissement import Etablissement
from services.catalogue.metier import Metier, Rome

_FORMAT = 1
"""Changes with the shape of the files, so that those of another version are imported again."""

_NAME = "tables.json"


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything that is small enough to be held in memory."""

    etablissements: list[Etablissement]
    romes: list[Rome]
    metiers: list[Metier]
    communes: list[Commune]
    format: int = _FORMAT


_TABLES = TypeAdapter(Tables)


def write_tables(folder: Path, tables: Tables) -> None:
    (folder / _NAME).write_bytes(orjson.dumps(tables))


def read_tables(folder: Path) -> Tables:
    """Raises OSError or ValueError when they can't be read."""
    tables = _TABLES.validate_json((folder / _NAME).read_bytes())
    if tables.format != _FORMAT:
        raise ValueError(f"{folder} was written by another version; import the data again")
    return tables
