"""The table of communes in the state folder of a service: written by its import, read at its start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson
from pydantic import TypeAdapter

from services.france.communes import Commune, Communes

COMMUNES_FILE = "communes.json"


@dataclass(frozen=True, slots=True)
class _Stored:
    format: Literal[1]
    """Changes with the shape of a commune, so that a table of another version is not read."""
    communes: list[Commune]


_STORED = TypeAdapter(_Stored)


def write_communes(folder: Path, communes: Communes) -> None:
    (folder / COMMUNES_FILE).write_bytes(orjson.dumps(_Stored(1, list(communes))))


def read_communes(folder: Path) -> Communes:
    """The table, with its index of names built.

    Raises OSError if it is missing, and ValueError if it is damaged or of another version.
    """
    communes = Communes(_STORED.validate_json((folder / COMMUNES_FILE).read_bytes()).communes)
    communes.prepare_names()
    return communes
