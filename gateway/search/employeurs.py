"""The merged list of employers of a search."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, cast

import strawberry

from gateway.context import Info
from gateway.errors import code_of, public_message
from gateway.execution.cost_directives import holds, weighs
from gateway.search.merge import EmployeurSort, MergedPage, Window, merge
from gateway.search.position import Position, decode_position, encode_position
from gateway.search.requests import besoins_request, offres_request, recruteurs_request, select_raisons
from gateway.search.run import BESOINS, OFFRES, RECRUTEURS, SearchRun
from gateway.search.sources import Source
from gateway.types.besoin import BesoinSort
from gateway.types.employeur import Employeur
from gateway.types.offre import OffreSort
from gateway.types.paging import Page, PageInfo
from gateway.types.recruteur import Raison, RecruteurSort
from services.common.checks import MAX_FIRST
from services.common.cursor import short_digest
from services.common.errors import InvalidRequest, ServiceError

_LOOK_AHEAD = 10
"""Rows requested from each source beyond the page, to find an employer that two sources have."""

_SORTS = {
    EmployeurSort.DISTANCE: (BesoinSort.DISTANCE, OffreSort.DISTANCE, RecruteurSort.DISTANCE),
    EmployeurSort.DATE: (BesoinSort.DATE, OffreSort.DATE, RecruteurSort.DISTANCE),
    EmployeurSort.SCORE: (BesoinSort.DISTANCE, OffreSort.DISTANCE, RecruteurSort.SCORE),
}

_MISSING = {
    Source.BESOINS: "les besoins déposés par les entreprises",
    Source.OFFRES: "les offres d'emploi de France Travail",
    Source.RECRUTEURS: "les recruteurs probables",
}


@strawberry.type(description="Un employeur, d'où il vient, et ce qui en dépend de la recherche.")
class EmployeurEdge:
    """Shows a Row of `merge.py`."""

    source: Source = strawberry.field(description="La source de la ligne.")
    cursor: str = strawberry.field(description="Place de la ligne, pour `after`.")
    node: Employeur = strawberry.field(description="L'employeur.")
    distance_km: float | None = strawberry.field(
        description="Distance au centre de la recherche, à vol d'oiseau ; "
        "absente si l'une des deux positions est inconnue."
    )
    score: int | None = strawberry.field(
        description="Pour un recruteur probable, de 0 à 100 : probabilité relative d'embaucher pour les "
        "métiers demandés."
    )
    romes: list[str] = strawberry.field(
        description="Pour un recruteur probable : métiers demandés qu'il recrute, le meilleur d'abord."
    )
    raisons: list[Raison] = strawberry.field(
        directives=[weighs(5), holds(5)],
        description="Pour un recruteur probable : pourquoi ce score, la plus forte d'abord.",
    )
    aussi_dans: list[Employeur] = strawberry.field(
        directives=[holds(1)],
        description="La même embauche, vue par d'autres sources : une seule ligne pour elles toutes.",
    )


@strawberry.type(
    description="Une page d'employeurs, toutes sources mêlées. Pour chaque source qui manque, errors a une "
    "ligne au chemin de cette liste."
)
class EmployeurConnection:
    """Shows a MergedPage; `merge.py` explains the order, and which rows become one."""

    edges: list[EmployeurEdge] = strawberry.field(description="Les lignes de la page.")
    page_info: PageInfo = strawberry.field(description="Où l'on en est dans la liste.")
    total_count: int = strawberry.field(
        description="Somme des trois sources, avant de réunir les lignes de la même embauche."
    )


def ask_employeurs(
    run: SearchRun, info: Info, page: Page, order: EmployeurSort
) -> Awaitable[EmployeurConnection | None]:
    """Start the calls to the three sources; the returned awaitable gives their merged page.

    A source that fails is left out and gets an entry in `errors`. None when no source answers.
    """
    besoin_sort, offre_sort, recruteur_sort = _SORTS[order]
    besoins = besoins_request(run.criteria, besoin_sort)
    offres = offres_request(run.criteria, offre_sort)
    recruteurs = recruteurs_request(run.criteria, recruteur_sort)
    searched = [each.SerializeToString(deterministic=True) for each in (besoins, offres, recruteurs)]
    start = decode_position(short_digest(b"employeurs", order.name.encode(), *searched), page.after)
    select_raisons(recruteurs, info)
    row_count = min(page.first + _LOOK_AHEAD, MAX_FIRST)
    after_besoins, after_offres, after_recruteurs = start.cursors
    tasks: dict[Source, asyncio.Task[Any]] = {
        Source.BESOINS: run.ask(BESOINS, besoins, Page(row_count, after_besoins), whole=True),
        Source.OFFRES: run.ask(OFFRES, offres, Page(row_count, after_offres), whole=True),
        Source.RECRUTEURS: run.ask(RECRUTEURS, recruteurs, Page(row_count, after_recruteurs), whole=True),
    }
    return _merge_answers(tasks, start, page, order, info)


async def _merge_answers(
    tasks: Mapping[Source, asyncio.Task[Any]], start: Position, page: Page, order: EmployeurSort, info: Info
) -> EmployeurConnection | None:
    answers = dict(zip(tasks, await asyncio.gather(*tasks.values(), return_exceptions=True), strict=True))
    windows = []
    for source, answer in answers.items():
        if isinstance(answer, BaseException):
            _report(source, answer, info)
        elif answer is not None:
            has_more, total_count = answer.has_next_page, answer.total_count
            windows.append(Window(source, answer.edges, has_more=has_more, total_count=total_count))
    if not windows:
        return None
    return _connection(merge(windows, order, start, page.first), windows, page)


def _report(source: Source, failure: BaseException, info: Info) -> None:
    """Add an error that names the missing source.

    Raises the failure instead if it is a refusal (such as a cursor of another search) or unexpected: then the
    source is not away.
    """
    if isinstance(failure, InvalidRequest) or not isinstance(failure, ServiceError):
        raise failure
    message = f"Il manque à cette liste {_MISSING[source]}. {public_message(failure)}"
    info.add_error(message, {"code": code_of(failure), "source": source.name})


def _connection(merged: MergedPage, windows: Sequence[Window], page: Page) -> EmployeurConnection:
    rows = merged.rows
    return EmployeurConnection(
        edges=cast("list[EmployeurEdge]", rows),
        page_info=PageInfo(
            has_next_page=merged.has_next_page,
            has_previous_page=bool(page.after),
            start_cursor=rows[0].cursor if rows else None,
            end_cursor=encode_position(merged.end) if rows or merged.has_next_page else None,
        ),
        total_count=sum(window.total_count for window in windows),
    )
