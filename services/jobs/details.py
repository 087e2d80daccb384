"""Finds one offer by its id, and asks the partner only when nothing known answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from services.common.errors import NotFound
from services.jobs.memo import Kept, Memo
from services.jobs.metrics import SAVED
from services.jobs.offre import Offre, has_offre_form
from services.jobs.store import no_offre

_UNKNOWN_KEPT = 10_000
"""Most ids without an offer that are remembered."""


class Partner(Protocol):
    """A source of offers by id."""

    async def find(self, offre_id: str, ends_at: float) -> Offre: ...


class Details:
    """Offers by id. An id that can't have one, or was found to have none, costs no request."""

    def __init__(
        self, partner: Partner, seen: Callable[[str], Offre | None], cache_s: float, cache_entries: int
    ) -> None:
        """`seen` gives an offer of a recent search."""
        self._partner = partner
        self._seen = seen
        self._memo: Memo[str, Offre] = Memo(cache_s, cache_entries, lambda _: True)
        self._unknown: Kept[str, bool] = Kept(cache_s, _UNKNOWN_KEPT)

    async def find(self, offre_id: str, ends_at: float) -> Offre:
        """The offer. Raises NotFound, and the other errors of the partner."""
        if not has_offre_form(offre_id):
            SAVED.labels("form").inc()
            raise no_offre(offre_id)
        seen = self._seen(offre_id)
        if seen is not None:
            SAVED.labels("seen").inc()
            return seen
        if self._unknown.get(offre_id):
            SAVED.labels("unknown").inc()
            raise no_offre(offre_id)
        return await self._memo.get(offre_id, lambda end: self._ask(offre_id, end), ends_at)

    async def _ask(self, offre_id: str, ends_at: float) -> Offre:
        try:
            return await self._partner.find(offre_id, ends_at)
        except NotFound:
            self._unknown.set(offre_id, value=True)
            raise
