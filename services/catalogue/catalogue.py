"""The data that is being served, replaced without a gap when an import has ended."""

from __future__ import annotations

import asyncio
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from services.catalogue.commune import Communes, CommuneSuggestions
from services.catalogue.formation import Formation, FormationCriteria, FormationPage, PageWanted
from services.catalogue.metier import MetierSuggestions
from services.catalogue.tables import Tables, read_tables
from services.catalogue.zone import ZoneResolver
from services.common.errors import UpstreamUnavailable
from services.common.generation import current_generation

log = structlog.get_logger(__name__)

_POLL_S = 1.0
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


class FormationStore(Protocol):
    """An engine that holds the trainings.

    Every engine gives the same rows in the same order: by exact great-circle distance where the
    zone has an origin, then folded title, then id. They raise UpstreamUnavailable.
    """

    async def ping(self) -> None: ...

    async def search(self, criteria: FormationCriteria, page: PageWanted) -> FormationPage: ...

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Formation]: ...


class Catalogue:
    """One generation of the data."""

    def __init__(self, formations: FormationStore, tables: Tables) -> None:
        communes = Communes(tables.communes)
        self.formations = formations
        self.etablissements = {each.siret: each for each in tables.etablissements}
        self.romes = {each.code: each for each in tables.romes}
        self.metiers = MetierSuggestions(tables.metiers)
        self.communes = CommuneSuggestions(communes)
        self.zones = ZoneResolver(communes)


class LiveCatalogue:
    """The current generation of a state folder, looked at once a second at most."""

    def __init__(self, state: Path, open_store: Callable[[Path], FormationStore]) -> None:
        self._state = state
        self._open_store = open_store
        self._served: Catalogue | None = None
        self._folder: Path | None = None
        self._looked_at = 0.0
        self._opening: asyncio.Task[None] | None = None

    async def ping(self) -> None:
        """Raise UpstreamUnavailable when there is nothing to serve."""
        catalogue = await self.current()
        await catalogue.formations.ping()

    async def current(self) -> Catalogue:
        """The data to answer from. While a new generation opens, requests get the old one."""
        self._look()
        if self._served is not None:
            return self._served
        if self._opening is None:
            raise UpstreamUnavailable(
                "le catalogue est vide : charger des données avec python -m services.catalogue.load"
            )
        # A request that gives up must not stop what all of them wait for.
        await asyncio.shield(self._opening)
        return self._opened()

    def _opened(self) -> Catalogue:
        if self._served is None:
            raise UpstreamUnavailable("le catalogue est illisible : charger à nouveau les données")
        return self._served

    def _look(self) -> None:
        if self._opening is not None and not self._opening.done():
            return
        now = time.monotonic()
        if self._served is not None and now - self._looked_at < _POLL_S:
            return
        self._looked_at = now
        folder = current_generation(self._state)
        if folder is not None and folder != self._folder:
            self._folder = folder
            self._opening = asyncio.create_task(self._serve(folder))

    async def _serve(self, folder: Path) -> None:
        try:
            self._served = await asyncio.to_thread(self._open, folder)
        except _UNREADABLE as error:
            # What was served before is whole: it stays until the next import.
            log.warning("generation unreadable", folder=str(folder), reason=str(error))
        else:
            log.info("generation opened", folder=str(folder))

    def _open(self, folder: Path) -> Catalogue:
        return Catalogue(self._open_store(folder), read_tables(folder))
