"""Runs a search: reads the pages of the partner, and reports missing ones."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from services.common.errors import Overloaded, ServiceError
from services.jobs.memo import Kept, Memo
from services.jobs.metrics import SAVED
from services.jobs.offre import Criteria, Offre, Row, select
from services.jobs.payload import Page
from services.jobs.store import LAST_START, PAGE_SIZE
from services.jobs.zone import Query

log = structlog.get_logger(__name__)

_ORDERS_KEPT = 8

# Fraction of the time kept for the answer itself, when the partner is slow.
_RESERVE = 0.1

_PAGE_KEPT_S = 10.0
"""A page is kept that long for whoever asks again, when its search could not read all of them."""

_Failure = ServiceError | TimeoutError


class Partner(Protocol):
    """A source of offers, page by page."""

    async def search_page(self, query: Query, start: int, ends_at: float) -> Page: ...


@dataclass
class Found:
    """The answers of the partner to the queries of a search."""

    offres: dict[str, Offre]
    partial: str | None = None
    """Why offers are missing, in French for people; None if none is missing."""
    cacheable: bool = True
    """Whether the answers may be cached: the partner would give the same ones again."""
    _rows: OrderedDict[Criteria, list[Row]] = field(default_factory=OrderedDict)

    def rows(self, criteria: Criteria) -> list[Row]:
        """The offers that meet the criteria, in order; computed once for all pages of a search."""
        rows = self._rows.get(criteria)
        if rows is None:
            rows = self._rows[criteria] = select(self.offres, criteria)
            if len(self._rows) > _ORDERS_KEPT:
                self._rows.popitem(last=False)
        return rows


@dataclass
class _Collector:
    """The pages read so far, and the failures."""

    pages: list[Page] = field(default_factory=list)
    failures: list[_Failure] = field(default_factory=list)
    unread_pages: int = 0
    """Number of existing pages that were not requested."""

    def found(self) -> Found:
        offres = {offre.id: offre for page in self.pages for offre in page.offres}
        reasons = " ; ".join(self._reasons(len(offres)))
        return Found(offres, reasons or None, cacheable=not self.failures)

    def _reasons(self, count: int) -> list[str]:
        reasons = []
        if self.unread_pages:
            reasons.append(
                f"France Travail a plus d'offres que les {count} lues ; précisez le métier ou la zone"
            )
        if any(page.total is None and len(page.offres) + page.unreadable >= PAGE_SIZE for page in self.pages):
            reasons.append("France Travail ne dit pas combien d'offres il a ; d'autres existent peut-être")
        if self.failures:
            reasons.append(
                f"{len(self.failures)} page(s) d'offres manquent : France Travail n'y a pas répondu"
            )
        unreadable = sum(page.unreadable for page in self.pages)
        if unreadable:
            reasons.append(f"{unreadable} offre(s) de France Travail illisible(s), laissée(s) de côté")
        return reasons


class Search:
    """Searches the partner's offers. Equal searches at the same time, or soon after, share one answer."""

    def __init__(self, partner: Partner, max_pages: int, cache_s: float, cache_entries: int) -> None:
        self._partner = partner
        self._max_pages = max_pages
        self._memo: Memo[tuple[Query, ...], Found] = Memo(
            cache_s, cache_entries, lambda found: found.cacheable
        )
        self._pages: Kept[tuple[Query, int], Page] = Kept(min(cache_s, _PAGE_KEPT_S), cache_entries)

    def seen(self, offre_id: str) -> Offre | None:
        """The offer with this id if a recent search found it."""
        found = (each.offres.get(offre_id) for each in self._memo.kept.values())
        return next((offre for offre in found if offre is not None), None)

    async def find(self, queries: tuple[Query, ...], ends_at: float) -> Found:
        """All offers of the partner for the queries, up to the limit of pages.

        Raises the partner's exception if no query succeeds. If some pages fail, `partial` says so.
        """
        if not queries:
            return Found({})
        return await self._memo.get(queries, lambda end: self._collect(queries, end), ends_at)

    async def _collect(self, queries: Sequence[Query], ends_at: float) -> Found:
        now = asyncio.get_running_loop().time()
        pages_end_at = ends_at - (ends_at - now) * _RESERVE
        collector = _Collector(unread_pages=max(0, len(queries) - self._max_pages))
        first_queries = queries[: self._max_pages]
        first_pages = await self._read(collector, [(query, 0) for query in first_queries], pages_end_at)
        if not collector.pages:
            raise collector.failures[0]
        # The first pages of all queries are read before later pages.
        later = sorted(
            (
                (query, start)
                for query, page in zip(first_queries, first_pages, strict=True)
                for start in range(PAGE_SIZE, page.total or 0 if page else 0, PAGE_SIZE)
            ),
            key=lambda each: each[1],
        )
        chosen = [each for each in later if each[1] <= LAST_START][: self._max_pages - len(first_queries)]
        collector.unread_pages += len(later) - len(chosen)
        await self._read(collector, chosen, pages_end_at)
        found = collector.found()
        if found.cacheable:
            for page in [*((query, 0) for query in first_queries), *chosen]:
                self._pages.discard(page)
        return found

    async def _read(
        self, collector: _Collector, wanted: Sequence[tuple[Query, int]], ends_at: float
    ) -> list[Page | None]:
        async def read_one(query: Query, start: int) -> Page | None:
            try:
                page = await self._page(query, start, ends_at)
            except (ServiceError, TimeoutError) as failure:
                # A page refused for lack of turns is no fault, and is counted by the pace.
                level = log.info if isinstance(failure, Overloaded) else log.warning
                level("page not read", start=start, error=f"{type(failure).__name__}: {failure}")
                collector.failures.append(failure)
                return None
            collector.pages.append(page)
            return page

        return await asyncio.gather(*(read_one(query, start) for query, start in wanted))

    async def _page(self, query: Query, start: int, ends_at: float) -> Page:
        kept = self._pages.get((query, start))
        if kept is not None:
            SAVED.labels("page").inc()
            return kept
        page = await self._partner.search_page(query, start, ends_at)
        self._pages.set((query, start), page)
        return page
