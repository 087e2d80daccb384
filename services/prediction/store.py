"""The employers and their predictions, read again after each import."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

import structlog

from services.common.collector import build_frozen
from services.common.errors import UpstreamUnavailable
from services.common.generation import StateUnreadable, current_generation, read_folder
from services.prediction.model import Model
from services.prediction.ranking import Ranking
from services.prediction.score import Curve
from services.prediction.table import FORMAT, read_table

log = structlog.get_logger(__name__)

POLL_PERIOD_S = 1.0
"""Longest time until a finished import is noticed."""


@dataclass(frozen=True, slots=True)
class _OpenGeneration:
    folder: Path
    ranking: Ranking


class RecruteurStore:
    """Serves the last finished import of a folder, and the previous one until the new one is read."""

    def __init__(
        self, state: Path, model: Model, curve: Curve, *, poll_period_s: float = POLL_PERIOD_S
    ) -> None:
        self.model = model
        self._curve = curve
        self._state = state
        self._poll_period_s = poll_period_s
        self._opened: _OpenGeneration | None = None
        self._unreadable: Path | None = None
        self._polled_at = float("-inf")
        self._reading = asyncio.Lock()

    async def ping(self) -> None:
        """Raises UpstreamUnavailable if there is no data."""
        await self.ranking()

    async def ranking(self) -> Ranking:
        """The current employers. Raises UpstreamUnavailable if there is no data."""
        if self._opened is None or time.monotonic() - self._polled_at >= self._poll_period_s:
            await self._refresh()
        if self._opened is None:
            problem = "are damaged or of another version" if self._unreadable else "were never imported"
            raise UpstreamUnavailable(f"the employers {problem}: import them with {FORMAT.importer}")
        return self._opened.ranking

    async def _refresh(self) -> None:
        if self._reading.locked() and self._opened is not None:
            return
        async with self._reading:
            self._polled_at = time.monotonic()
            folder = current_generation(self._state)
            known = () if self._opened is None else (self._opened.folder, self._unreadable)
            if folder is not None and folder not in known:
                await self._open(folder)

    async def _open(self, folder: Path) -> None:
        try:
            ranking = await asyncio.to_thread(build_frozen, lambda: read_folder(folder, FORMAT, self._read))
        except StateUnreadable as error:
            # The data served before is still valid, and is kept until the next import.
            if folder != self._unreadable:
                log.warning("generation not readable", reason=str(error))
            self._unreadable = folder
        else:
            self._opened = _OpenGeneration(folder, ranking)
            log.info("employers read", folder=folder.name, count=len(ranking.table))

    def _read(self, folder: Path) -> Ranking:
        table = read_table(folder)
        return Ranking(table, self.model.predict(table.features()), self._curve)
