"""The merged list of employers of a search."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

import strawberry

from gateway.context import Info
from gateway.execution.binding import all_shown, shown
from gateway.execution.row_fields import ROW_FIELD
from gateway.search.merge import (
    EmployeurSort,
    MergedPage,
    Position,
    Row,
    Window,
    decode_position,
    encode_position,
    merge,
)
from gateway.search.run import SearchRun
from gateway.search.sources import Source
from gateway.types.besoin import BesoinSort
from gateway.types.employeur import Employeur
from gateway.types.offre import OffreSort
from gateway.types.paging import Page, PageInfo
from gateway.types.recruteur import RecruteurSort
from services.common.checks import MAX_FIRST
from services.common.errors import InvalidRequest, ServiceError

KIND = "employeurs"

_LOOK_AHEAD = 10
"""Rows asked of each source beyond the page, to find the same employer in two sources."""

_SORTS = {
    EmployeurSort.DISTANCE: (BesoinSort.DISTANCE, OffreSort.DISTANCE, RecruteurSort.DISTANCE),
    EmployeurSort.DATE: (BesoinSort.DATE, OffreSort.DATE, RecruteurSort.DISTANCE),
    EmployeurSort.SCORE: (BesoinSort.DISTANCE, OffreSort.DISTANCE, RecruteurSort.SCORE),
}


def _cursor(root: strawberry.Parent[EmployeurEdge], info: Info) -> str:
    return info.context.cursors.sign(KIND, encode_position(root.order, root.row.place.position))


@strawberry.type(description="Un employeur, d'où il vient, et sa place dans la liste.")
class EmployeurEdge:
    """Holds the message of the row as it came."""

    row: strawberry.Private[Row]
    order: strawberry.Private[EmployeurSort]
    source: Source = strawberry.field(description="La source de la ligne.")
    node: Employeur = strawberry.field(description="L'employeur.")
    aussi_dans: list[Employeur] = strawberry.field(
        description="La même embauche, vue par d'autres sources : une seule ligne pour elles toutes."
    )
    cursor: str = strawberry.field(
        resolver=_cursor, metadata=ROW_FIELD, description="Place de la ligne, pour `after`."
    )


@strawberry.type(description="Une page d'employeurs, toutes sources mêlées.")
class EmployeurConnection:
    """See `merge.py` for the order and for what is one row."""

    edges: list[EmployeurEdge] = strawberry.field(description="Les lignes de la page.")
    page_info: PageInfo = strawberry.field(description="Où l'on en est dans la liste.")
    total_count: int = strawberry.field(
        description="Somme des trois sources, avant de réunir les lignes de la même embauche."
    )


def ask_employeurs(
    run: SearchRun, info: Info, page: Page, order: EmployeurSort
) -> Awaitable[EmployeurConnection | None]:
    """Start the calls to the three sources now; their merged page comes later.

    A source that fails is left out, and said in `sources`. The awaitable raises the first failure when
    no source answers, and gives None when none could be asked.
    """
    start = decode_position(order, page.after)
    calls = _start_calls(run, info, start, page.first, order)
    return _merged(calls, start, page, order, info)


def _start_calls(
    run: SearchRun, info: Info, start: Position, first: int, order: EmployeurSort
) -> dict[Source, asyncio.Task[Any] | None]:
    wanted = min(first + _LOOK_AHEAD, MAX_FIRST)
    after_besoins, after_offres, after_recruteurs = start.cursors
    besoin_sort, offre_sort, recruteur_sort = _SORTS[order]
    with_raisons = info.selects("raisons")
    return {
        Source.BESOINS: run.ask_besoins(Page(wanted, after_besoins), besoin_sort, whole=True),
        Source.OFFRES: run.ask_offres(Page(wanted, after_offres), offre_sort, whole=True),
        Source.RECRUTEURS: run.ask_recruteurs(
            Page(wanted, after_recruteurs), recruteur_sort, with_raisons=with_raisons, whole=True
        ),
    }


async def _merged(
    calls: dict[Source, asyncio.Task[Any] | None],
    start: Position,
    page: Page,
    order: EmployeurSort,
    info: Info,
) -> EmployeurConnection | None:
    asked = {source: task for source, task in calls.items() if task is not None}
    if not asked:
        return None
    answers = dict(zip(asked, await asyncio.gather(*asked.values(), return_exceptions=True), strict=True))
    windows = [
        Window(
            source,
            [(edge.cursor, edge.node) for edge in answer.edges],
            has_more=answer.has_next_page,
            total_count=answer.total_count,
        )
        for source, answer in answers.items()
        if not isinstance(answer, BaseException)
    ]
    failures = [answer for answer in answers.values() if isinstance(answer, BaseException)]
    # A request refused (a cursor of another search), or what nobody expected, is no source away.
    decisive = [
        each for each in failures if isinstance(each, InvalidRequest) or not isinstance(each, ServiceError)
    ]
    if decisive or not windows:
        raise (decisive or failures)[0]
    merged = merge(windows, order, start, page.first)
    return _connection(merged, windows, order, info, is_first=not page.after)


def _connection(
    merged: MergedPage, windows: Sequence[Window], order: EmployeurSort, info: Info, *, is_first: bool
) -> EmployeurConnection:
    def public(position: Position) -> str:
        return info.context.cursors.sign(KIND, encode_position(order, position))

    rows = merged.rows
    return EmployeurConnection(
        edges=[
            EmployeurEdge(
                row=row,
                order=order,
                source=row.source,
                node=shown(Employeur, row.node),
                aussi_dans=all_shown(Employeur, row.aussi_dans),
            )
            for row in rows
        ],
        page_info=PageInfo(
            has_next_page=merged.has_next_page,
            has_previous_page=not is_first,
            start_cursor=public(rows[0].place.position) if rows else None,
            end_cursor=public(merged.end) if rows or merged.has_next_page else None,
        ),
        total_count=sum(window.total_count for window in windows),
    )
