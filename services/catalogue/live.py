"""The data that is being served, replaced without a gap when an import has ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

import structlog

from services.catalogue.criteria import FormationCriteria, FormationPage, PageWanted
from services.catalogue.formation import Formation
from services.catalogue.suggest.communes import CommuneSuggestions
from services.catalogue.suggest.metiers import MetierSuggestions
from services.catalogue.tables import Tables
from services.catalogue.text.analyser import Analyser
from services.catalogue.text.synonyms import read_synonyms
from services.catalogue.text.vocabulary import Vocabulary
from services.catalogue.zone import ZoneResolver
from services.common.errors import UpstreamUnavailable
from services.common.single_flight import SingleFlight
from services.common.slices import SLICE_ROWS
from services.france.communes import Communes

log = structlog.get_logger(__name__)

_POLL_S = 1.0


class FormationStore(Protocol):
    """An engine that holds the trainings.

    Every engine gives the same rows in the same order, that of FormationSort. They raise
    UpstreamUnavailable, or TimeoutError.
    """

    async def ping(self) -> None: ...

    async def search(self, criteria: FormationCriteria, page: PageWanted) -> FormationPage: ...

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Formation]: ...


class Catalogue:
    """One generation of the data."""

    def __init__(self, formations: FormationStore, tables: Tables) -> None:
        self.formations = formations
        self.etablissements = {each.siret: each for each in tables.etablissements}
        self.romes = {each.code: each for each in tables.romes}
        self.mobilite = tables.mobilite
        self.vocabulary = Vocabulary(tables.vocabulary)
        self.analyser = Analyser()
        self.synonyms = read_synonyms(self.analyser)
        indexes = tables.suggestion_indexes()
        self.suggested_metiers = MetierSuggestions(tables.metiers, indexes.metiers, self.synonyms)
        self.communes = Communes(tables.communes)
        self.communes.prepare_postal_codes()
        self.suggested_communes = CommuneSuggestions(self.communes, indexes.communes)
        self.zones = ZoneResolver(self.communes)

    def pieces(self) -> list[list[object]]:
        """All that it holds, to be freed from the end of the list."""
        rows: list[object] = [*self.etablissements.values(), *self.communes]
        slices = [rows[begin : begin + SLICE_ROWS] for begin in range(0, len(rows), SLICE_ROWS)]
        return [*slices, *([part] for part in vars(self).values())]


async def _free(pieces: list[list[object]]) -> None:
    """Free a replaced generation piece by piece: all at once, it would hold the event loop."""
    while pieces:
        pieces.pop()
        await asyncio.sleep(0)


class Unreadable(Exception):
    """A generation that can't be served, now or later; the message says why and what to do."""


class Source(Protocol):
    """Where the generations of the data are. Raises UpstreamUnavailable when it can't be asked."""

    async def current_name(self) -> str | None:
        """The generation to serve; None when there is no data."""

    async def open(self, name: str) -> Catalogue:
        """Raises Unreadable."""


class LiveCatalogue:
    """The current generation of a source, looked at once a second at most."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._served: Catalogue | None = None
        self._name: str | None = None
        self._unreadable: tuple[str, str] | None = None
        self._problem = ""
        self._looked_at = 0.0
        # A request that gives up must not stop what all of them wait for.
        self._looks: SingleFlight[None, None] = SingleFlight(kept=True)

    async def ping(self) -> None:
        """Raise UpstreamUnavailable when there is nothing to serve."""
        catalogue = await self.current()
        await catalogue.formations.ping()

    async def current(self) -> Catalogue:
        """The data to answer from. While a new generation opens, requests get the old one."""
        if self._served is None:
            await self._looks.join(None, self._follow)
        elif time.monotonic() - self._looked_at >= _POLL_S:
            self._looks.start(None, self._follow)
        if self._served is None:
            raise UpstreamUnavailable(self._problem)
        return self._served

    async def close(self) -> None:
        """Stop looking, before the source is closed."""
        await self._looks.close()

    async def _follow(self) -> None:
        self._looked_at = time.monotonic()
        try:
            name = await self._source.current_name()
            await self._take(name)
        except UpstreamUnavailable as error:
            self._note(error.message, error.__cause__)
        except TimeoutError:
            self._note("le catalogue ne répond pas à temps")

    async def _take(self, name: str | None) -> None:
        if name is None:
            self._note("le catalogue est vide : chargez des données avec python -m services.catalogue.load")
        elif self._unreadable is not None and self._unreadable[0] == name:
            self._note(self._unreadable[1])
        elif name == self._name:
            self._problem = ""
        else:
            await self._open(name)

    async def _open(self, name: str) -> None:
        try:
            opened = await self._source.open(name)
        except Unreadable as error:
            # What was served before is whole: it stays until the next import.
            self._unreadable = name, str(error)
            self._note(str(error), error.__cause__)
        else:
            pieces = [] if self._served is None else self._served.pieces()
            self._served, self._name, self._problem = opened, name, ""
            log.info("generation opened", name=name)
            await _free(pieces)

    def _note(self, problem: str, cause: BaseException | None = None) -> None:
        if problem != self._problem:
            log.warning("catalogue not renewed", reason=problem, cause=str(cause or ""), serving=self._name)
        self._problem = problem
