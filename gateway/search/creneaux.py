"""Fetches the slots of the trainings of a page in one call, before the rows ask for them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from gateway.context import Info
from gateway.search.run import FORMATIONS, SearchRun
from gateway.search.sources import Source
from gateway.types.paging import Page
from protos import catalogue_pb2

_LISTS = {"edges": "edges", "plusProches": "plus_proches"}
"""The fields of FormationConnection that hold trainings, each with the field of the answer that it shows."""


def ask_with_creneaux(
    run: SearchRun, info: Info, request: catalogue_pb2.SearchFormationsRequest, page: Page
) -> asyncio.Task[catalogue_pb2.SearchFormationsResponse | None]:
    """Start the search of trainings. Their slots are fetched next, if `rendezVous` is selected."""
    lists = [name for field, name in _LISTS.items() if info.selects_path(field, "node", "rendezVous")]
    task = run.ask(FORMATIONS, request, page, whole="edges" in lists)
    return run.board.start(_prefetch_creneaux(run, task, lists)) if lists else task


async def _prefetch_creneaux(
    run: SearchRun, task: asyncio.Task[catalogue_pb2.SearchFormationsResponse | None], lists: list[str]
) -> catalogue_pb2.SearchFormationsResponse | None:
    answer = await task
    ids = [] if answer is None else list(_ids(answer, lists))
    if ids:
        call = run.context.loaders.prefetch_creneaux(ids)
        # Each row raises the failure at its own path.
        await asyncio.wait([run.board.ask(Source.RENDEZ_VOUS, call)])
    return answer


def _ids(answer: catalogue_pb2.SearchFormationsResponse, lists: list[str]) -> Iterator[str]:
    for name in lists:
        for row in getattr(answer, name):
            yield row.node.id
