"""Finds and opens the current generation of a state folder."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Callable
from pathlib import Path

from services.catalogue.live import Catalogue, FormationStore, Unreadable
from services.catalogue.tables import read_tables
from services.common.generation import current_generation

_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


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
            return await asyncio.to_thread(self._open, Path(name))
        except _UNREADABLE as error:
            raise Unreadable("le catalogue est illisible : charger à nouveau les données") from error

    def _open(self, folder: Path) -> Catalogue:
        return Catalogue(self._open_store(folder), read_tables(folder))
