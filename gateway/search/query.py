"""The query that everything serves: trainings and employers, for a job and a place."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Any, cast

import strawberry

from gateway.context import Context, Info
from gateway.execution.binding import all_shown, shown
from gateway.search import employeurs
from gateway.search.criteria import SearchCriteriaInput, read_criteria
from gateway.search.employeurs import EmployeurConnection, ask_employeurs
from gateway.search.merge import EmployeurSort
from gateway.search.run import FormationParts, SearchRun
from gateway.search.sources import SourceReport
from gateway.types import besoin, formation, offre, recruteur
from gateway.types.besoin import BesoinConnection, BesoinEdge, BesoinSort
from gateway.types.formation import (
    Formation,
    FormationConnection,
    FormationEdge,
    FormationSort,
    MetierProche,
)
from gateway.types.formation_facets import FormationFacets, FormationFiltersInput
from gateway.types.offre import OffreConnection, OffreEdge, OffreSort
from gateway.types.paging import Page, PageInfo, read_page
from gateway.types.recruteur import RecruteurConnection, RecruteurEdge, RecruteurSort
from protos import catalogue_pb2
from services.common.errors import InvalidRequest, Problem

First = Annotated[int, strawberry.argument(description="Nombre de lignes, de 0 à 100.")]
After = Annotated[
    str | None, strawberry.argument(description="Curseur de la dernière ligne déjà vue ; absent : début.")
]
Root = strawberry.Parent[SearchRun]


# These resolvers are not `async`: each starts its calls before it returns, so that the resolver of
# `sources`, which waits for them, knows of all.


def _formations(  # noqa: PLR0913, PLR0917 - the arguments of the field
    root: Root,
    info: Info,
    first: First = 20,
    after: After = None,
    sort: Annotated[
        FormationSort | None,
        strawberry.argument(
            description="Ordre ; absent : par pertinence s'il y a un texte, sinon par distance."
        ),
    ] = None,
    filters: Annotated[
        FormationFiltersInput | None, strawberry.argument(description="Filtres, en plus des critères.")
    ] = None,
) -> Awaitable[FormationConnection]:
    page = read_page(first, after, formation.KIND, info.context.cursors)
    parts = FormationParts(
        facets=info.selects("facets"),
        metiers=info.selects("metiers"),
        creneaux=info.selects_path("edges", "node", "rendezVous"),
    )
    task = root.ask_formations(page, sort, filters or FormationFiltersInput(), parts)
    return _formation_connection(task, page, root, with_creneaux=parts.creneaux)


async def _formation_connection(
    task: Awaitable[catalogue_pb2.SearchFormationsResponse],
    page: Page,
    run: SearchRun,
    *,
    with_creneaux: bool,
) -> FormationConnection:
    answer = await task
    if with_creneaux:
        await run.context.loaders.prefetch_creneaux(edge.node.id for edge in answer.edges)
    return FormationConnection(
        edges=all_shown(FormationEdge, answer.edges),
        page_info=_page_info(answer, formation.KIND, page, run.context),
        total_count=answer.total_count,
        facets=shown(FormationFacets, answer.facets) if answer.HasField("facets") else None,
        plus_proches=all_shown(Formation, answer.plus_proches),
        metiers_proches=all_shown(MetierProche, answer.metiers_proches),
        message=_nothing_near(answer, run),
    )


def _nothing_near(answer: catalogue_pb2.SearchFormationsResponse, run: SearchRun) -> str | None:
    if not answer.plus_proches:
        return None
    rayon_km, nearest = run.criteria.zone.rayon_km, answer.plus_proches[0]
    return (
        f"Aucune formation dans un rayon de {rayon_km:g} km ; "
        f"la plus proche est à {nearest.distance_km:.0f} km, à {nearest.lieu.commune}."
    )


def _besoins(
    root: Root,
    info: Info,
    first: First = 20,
    after: After = None,
    sort: Annotated[BesoinSort, strawberry.argument(description="Ordre.")] = BesoinSort.DISTANCE,
) -> Awaitable[BesoinConnection | None]:
    page = read_page(first, after, besoin.KIND, info.context.cursors)
    task = root.ask_besoins(page, sort)

    async def connection() -> BesoinConnection | None:
        if task is None:
            return None
        answer = await task
        return BesoinConnection(
            edges=all_shown(BesoinEdge, answer.edges),
            page_info=_page_info(answer, besoin.KIND, page, root.context),
            total_count=answer.total_count,
        )

    return connection()


def _offres(
    root: Root,
    info: Info,
    first: First = 20,
    after: After = None,
    sort: Annotated[OffreSort, strawberry.argument(description="Ordre.")] = OffreSort.DISTANCE,
) -> Awaitable[OffreConnection | None]:
    page = read_page(first, after, offre.KIND, info.context.cursors)
    task = root.ask_offres(page, sort)

    async def connection() -> OffreConnection | None:
        if task is None:
            return None
        answer = await task
        return OffreConnection(
            edges=all_shown(OffreEdge, answer.edges),
            page_info=_page_info(answer, offre.KIND, page, root.context),
            total_count=answer.total_count,
        )

    return connection()


def _recruteurs(
    root: Root,
    info: Info,
    first: First = 20,
    after: After = None,
    sort: Annotated[RecruteurSort, strawberry.argument(description="Ordre.")] = RecruteurSort.DISTANCE,
) -> Awaitable[RecruteurConnection | None]:
    page = read_page(first, after, recruteur.KIND, info.context.cursors)
    task = root.ask_recruteurs(page, sort, with_raisons=info.selects("raisons"))

    async def connection() -> RecruteurConnection | None:
        if task is None:
            return None
        answer = await task
        return RecruteurConnection(
            edges=all_shown(RecruteurEdge, answer.edges),
            page_info=_page_info(answer, recruteur.KIND, page, root.context),
            total_count=answer.total_count,
        )

    return connection()


def _employeurs(
    root: Root,
    info: Info,
    first: First = 30,
    after: After = None,
    sort: Annotated[EmployeurSort, strawberry.argument(description="Ordre.")] = EmployeurSort.DISTANCE,
) -> Awaitable[EmployeurConnection | None]:
    page = read_page(first, after, employeurs.KIND, info.context.cursors)
    return ask_employeurs(root, info, page, sort)


async def _sources(root: Root) -> list[SourceReport]:
    return await root.board.statuses()


def _page_info(answer: Any, kind: str, page: Page, context: Context) -> PageInfo:
    """For the answer of any service: they all say `edges` and `has_next_page`."""
    edges, sign = answer.edges, context.cursors.sign
    return PageInfo(
        has_next_page=answer.has_next_page,
        has_previous_page=bool(page.after),
        start_cursor=sign(kind, edges[0].cursor) if edges else None,
        end_cursor=sign(kind, edges[-1].cursor) if edges else None,
    )


@strawberry.type(
    description="Formations et employeurs. Une source qui ne répond pas donne null ici, une ligne dans "
    "errors, et son état dans `sources` ; les autres répondent."
)
class SearchResult:
    """Shows a SearchRun."""

    formations: FormationConnection | None = strawberry.field(
        resolver=_formations,
        graphql_type=FormationConnection | None,
        description="Les formations, les plus proches d'abord.",
    )
    besoins: BesoinConnection | None = strawberry.field(
        resolver=_besoins,
        graphql_type=BesoinConnection | None,
        description="Les besoins déposés par les petites entreprises.",
    )
    offres: OffreConnection | None = strawberry.field(
        resolver=_offres,
        graphql_type=OffreConnection | None,
        description="Les offres publiées chez France Travail.",
    )
    recruteurs: RecruteurConnection | None = strawberry.field(
        resolver=_recruteurs,
        graphql_type=RecruteurConnection | None,
        description="Les employeurs qui recruteront probablement.",
    )
    employeurs: EmployeurConnection | None = strawberry.field(
        resolver=_employeurs,
        graphql_type=EmployeurConnection | None,
        description="Les trois sources d'employeurs en une liste, sans doublon.",
    )
    sources: list[SourceReport] = strawberry.field(
        resolver=_sources, description="Comment chaque source a répondu à cette recherche."
    )


async def _search(
    info: Info,
    criteria: Annotated[SearchCriteriaInput, strawberry.argument(description="Ce que l'on cherche.")],
) -> SearchResult:
    context = info.context
    try:
        checked = await read_criteria(criteria, context.referentiel)
    except InvalidRequest as error:
        # The lists below won't run: what is wrong with their arguments is said now too.
        raise InvalidRequest([*error.problems, *_list_problems(info)]) from error
    return cast("SearchResult", SearchRun(checked, context))


def _list_problems(info: Info) -> list[Problem]:
    kinds = {each.KIND for each in (formation, besoin, offre, recruteur, employeurs)}
    problems = []
    for field in info.child_fields():
        if field.name not in kinds:
            continue
        first, after = field.arguments.get("first"), field.arguments.get("after")
        try:
            read_page(int(first or 0), after, field.name, info.context.cursors)
        except InvalidRequest as error:
            name = field.alias or field.name
            problems += [Problem(f"{name}.{p.field}", p.message) for p in error.problems]
    return problems


@strawberry.type
class SearchQuery:
    """Fields of Query."""

    search: SearchResult | None = strawberry.field(
        resolver=_search,
        graphql_type=SearchResult | None,
        description="Pour un métier et un lieu : les formations et les employeurs, en une requête.",
    )
