"""Finds and opens the current generation of a state folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from services.catalogue.engine.tantivy.store import FORMAT
from services.catalogue.live import Catalogue, FormationStore, Unreadable
from services.catalogue.tables import read_tables
from services.common.collector import build_frozen
from services.common.generation import StateUnreadable, current_generation, read_folder


class FolderSource:
    """A state folder on this machine, written by FolderDestination."""

    def __init__(self, state: Path, open_store: Callable[[Path], FormationStore]) -> None:
        self._state = state
        self._open_store = open_store

    async def current_name(self) -> str | None:
        folder = current_generation(self._state)
        return None if folder is None else str(folder)

    async def open(self, name: str) -> Catalogue:
        try:
            return await asyncio.to_thread(read_folder, Path(name), FORMAT, self._open)
        except StateUnreadable as error:
            raise Unreadable(
                "le catalogue est illisible ou d'une autre version : chargez à nouveau les données avec "
                f"{FORMAT.importer}"
            ) from error

    def _open(self, folder: Path) -> Catalogue:
        return build_frozen(lambda: Catalogue(self._open_store(folder), read_tables(folder)))
