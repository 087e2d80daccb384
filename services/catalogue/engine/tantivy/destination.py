"""Publishes an import into a state folder on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import orjson
from pydantic import TypeAdapter

from services.catalogue.engine.tantivy.store import FORMAT, write_index
from services.catalogue.importing.destination import REJECTED, REPORT, Edition, Manifest, NothingToRollBack
from services.catalogue.tables import read_tables, write_tables
from services.catalogue.text.formation_tokens import IndexedFormation
from services.common.generation import (
    StateUnreadable,
    new_generation,
    previous_generation,
    read_folder,
    read_generation,
    roll_back,
)
from services.common.report import ImportConsole, write_rejections

_MANIFEST = "manifest.json"
_MANIFEST_TYPE = TypeAdapter(Manifest)


class FolderDestination:
    """A state folder, which services on the same machine read through the embedded engine."""

    def __init__(self, state: Path) -> None:
        self._state = state

    async def live(self) -> Manifest | None:
        try:
            return read_generation(self._state, FORMAT, _read_manifest)
        except StateUnreadable:
            return None

    async def publish(self, edition: Edition, console: ImportConsole) -> None:
        def track(rows: list[IndexedFormation]) -> Iterable[IndexedFormation]:
            return console.track(rows, "index", len(rows))

        with new_generation(self._state, FORMAT) as folder:
            write_index(folder, edition.formations, track)
            write_tables(folder, edition.tables)
            (folder / REPORT).write_bytes(orjson.dumps(list(edition.reports), option=orjson.OPT_INDENT_2))
            write_rejections(folder / REJECTED, edition.reports)
            (folder / _MANIFEST).write_bytes(orjson.dumps(edition.manifest))

    async def rollback(self) -> Manifest:
        folder = previous_generation(self._state)
        if folder is None:
            raise NothingToRollBack(f"{self._state} holds no previous generation")
        try:
            manifest, _ = read_folder(folder, FORMAT, lambda each: (_read_manifest(each), read_tables(each)))
        except StateUnreadable as error:
            raise NothingToRollBack(f"the previous generation can't be served: {error}") from error
        roll_back(self._state, FORMAT)
        return manifest

    async def close(self) -> None:
        """Do nothing: a folder holds no connection."""


def _read_manifest(folder: Path) -> Manifest:
    return _MANIFEST_TYPE.validate_json((folder / _MANIFEST).read_bytes())
