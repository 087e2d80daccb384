from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from services.common.errors import ServiceError, UpstreamUnavailable
from services.jobs.offre import Offre
from services.jobs.payload import Page
from services.jobs.search import Search
from services.jobs.zone import Query
from tests.support.jobs.partner import in_seconds


@dataclass
class Shelf:
    """A partner with a number of offers for each ROME, and planned faults by (ROME, start)."""

    totals: dict[str, int]
    faults: dict[tuple[str, int], ServiceError | TimeoutError] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def search_page(self, query: Query, start: int, _: float) -> Page:
        self.asked.append((query.romes, start))
        await asyncio.sleep(0)
        if (query.romes, start) in self.faults:
            raise self.faults[query.romes, start]
        total = self.totals[query.romes]
        ids = range(start, min(start + 150, total))
        return Page(tuple(Offre(f"{query.romes}{each}", "x") for each in ids), total)


def search(shelf: Shelf, max_pages: int = 7) -> Search:
    return Search(shelf, max_pages, cache_s=60, cache_entries=8)


def queries(*romes: str) -> tuple[Query, ...]:
    return tuple(Query(rome, sort=1) for rome in romes)


async def test_every_page_is_read_once() -> None:
    shelf = Shelf({"a": 320})

    found = await search(shelf).find(queries("a"), in_seconds(5))

    assert (len(found.offres), found.partial) == (320, None)
    assert shelf.asked == [("a", 0), ("a", 150), ("a", 300)]


async def test_limit_of_pages_is_said() -> None:
    shelf = Shelf({"a": 1000})

    found = await search(shelf, max_pages=3).find(queries("a"), in_seconds(5))

    assert len(found.offres) == 450
    assert found.partial == (
        "France Travail a plus d'offres que les 450 lues ; précisez le métier ou la zone"
    )
    assert found.cacheable


async def test_no_page_starts_where_the_partner_refuses() -> None:
    shelf = Shelf({"a": 9_000})

    found = await search(shelf, max_pages=100).find(queries("a"), in_seconds(5))

    assert len(found.offres) == 3_150
    assert max(start for _, start in shelf.asked) == 3_000
    assert found.partial is not None


async def test_limit_is_shared_first_pages_first() -> None:
    shelf = Shelf({"a": 1000, "b": 200, "c": 1000})

    found = await search(shelf, max_pages=5).find(queries("a", "b", "c"), in_seconds(5))

    assert shelf.asked == [("a", 0), ("b", 0), ("c", 0), ("a", 150), ("b", 150)]
    assert found.partial is not None


async def test_more_questions_than_pages_is_said() -> None:
    found = await search(Shelf({"a": 1, "b": 1}), max_pages=1).find(queries("a", "b"), in_seconds(5))

    assert list(found.offres) == ["a0"]
    assert found.partial is not None


@pytest.mark.parametrize("fault", [UpstreamUnavailable("down"), TimeoutError()])
@pytest.mark.parametrize("where", [("a", 150), ("b", 0)])
async def test_page_that_fails_is_said_and_asked_again_next_time(
    where: tuple[str, int], fault: ServiceError | TimeoutError
) -> None:
    shelf = Shelf({"a": 300, "b": 10}, {where: fault})
    searching = search(shelf)

    found = await searching.find(queries("a", "b"), in_seconds(5))
    shelf.faults.clear()
    again = await searching.find(queries("a", "b"), in_seconds(5))

    assert found.partial == "1 page(s) d'offres manquent : France Travail n'y a pas répondu"
    assert (len(again.offres), again.partial) == (310, None)


async def test_no_answer_at_all_is_the_partner_s_error() -> None:
    shelf = Shelf({}, {("a", 0): UpstreamUnavailable("down"), ("b", 0): TimeoutError()})

    with pytest.raises(UpstreamUnavailable, match="down"):
        await search(shelf).find(queries("a", "b"), in_seconds(5))


async def test_same_search_is_put_once() -> None:
    shelf = Shelf({"a": 10})
    searching = search(shelf)

    await asyncio.gather(*(searching.find(queries("a"), in_seconds(5)) for _ in range(20)))
    await searching.find(queries("a"), in_seconds(5))

    assert shelf.asked == [("a", 0)]


async def test_nothing_to_ask_is_nothing_found() -> None:
    shelf = Shelf({})

    found = await search(shelf).find((), in_seconds(5))

    assert (found.offres, found.partial, shelf.asked) == ({}, None, [])
