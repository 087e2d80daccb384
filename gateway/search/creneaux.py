"""The slots of the trainings that a search finds: asked once for the page, before its rows ask."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from gateway.context import Info
from gateway.search.run import FORMATIONS, SearchRun
from gateway.search.sources import Source
from gateway.types.paging import Page
from protos import catalogue_pb2

_LISTS = {"edges": "edges", "plusProches": "plus_proches"}
"""Fields of FormationConnection that hold trainings, and of the answer that they show."""


def with_creneaux(
    run: SearchRun, info: Info, request: catalogue_pb2.SearchFormationsRequest, page: Page
) -> asyncio.Task[catalogue_pb2.SearchFormationsResponse | None]:
    """Ask for trainings now, and for their slots once they are found, where `rendezVous` is selected."""
    lists = [name for field, name in _LISTS.items() if info.selects_path(field, "node", "rendezVous")]
    task = run.ask(FORMATIONS, request, page, whole="edges" in lists)
    return run.board.start(_and_creneaux(run, task, lists)) if lists else task


async def _and_creneaux(
    run: SearchRun, task: asyncio.Task[catalogue_pb2.SearchFormationsResponse | None], lists: list[str]
) -> catalogue_pb2.SearchFormationsResponse | None:
    answer = await task
    ids = [] if answer is None else list(_ids(answer, lists))
    if ids:
        call = run.context.loaders.prefetch_creneaux(ids)
        # A failure is for each row to raise, at its own path.
        await asyncio.wait([run.board.ask(Source.RENDEZ_VOUS, call)])
    return answer


def _ids(answer: catalogue_pb2.SearchFormationsResponse, lists: list[str]) -> Iterator[str]:
    for name in lists:
        for row in getattr(answer, name):
            yield row.node.id
