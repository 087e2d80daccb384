"""The field `search`: trainings and employers for a job and a place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar, cast

import strawberry

from gateway.context import Info
from gateway.execution.binding import as_list_of, as_type
from gateway.execution.cost_directives import EDGES_BY_FIRST, holds, weighs
from gateway.search.creneaux import ask_with_creneaux
from gateway.search.criteria import SearchCriteriaInput, read_criteria
from gateway.search.employeurs import EmployeurConnection, ask_employeurs
from gateway.search.merge import EmployeurSort
from gateway.search.requests import (
    besoins_request,
    formations_request,
    offres_request,
    recruteurs_request,
    select_raisons,
)
from gateway.search.run import BESOINS, OFFRES, RECRUTEURS, SearchRun
from gateway.search.sources import SourceReport
from gateway.types.besoin import BesoinConnection, BesoinSort
from gateway.types.formation import FormationConnection, FormationProche, FormationSort, MetierProche
from gateway.types.formation_facets import FormationFacets, FormationFiltersInput
from gateway.types.offre import OffreConnection, OffreSort
from gateway.types.paging import Answer, Page, page_info, read_page
from gateway.types.recruteur import RecruteurConnection, RecruteurSort
from protos import catalogue_pb2
from services.common.checks import first_problems
from services.common.errors import InvalidRequest, Problem

Res = TypeVar("Res", bound=Answer)
C = TypeVar("C")

First = Annotated[int, strawberry.argument(description="Nombre de lignes, de 0 à 100.")]
After = Annotated[
    str | None, strawberry.argument(description="Curseur de la dernière ligne déjà vue ; absent : début.")
]
Root = strawberry.Parent[SearchRun]


# These resolvers are not `async`: each starts its call before it returns, so that the resolver of `sources`
# can wait for all calls. All have one shape: the page, the request, the call, and the connection that shows
# its answer.


def _formations(  # noqa: PLR0913, PLR0917 - the arguments of the field
    root: Root,
    info: Info,
    first: First = 20,
    after: After = None,
    sort: Annotated[
        FormationSort | None,
        strawberry.argument(
            description="Ordre ; absent : par pertinence s'il y a un texte, sinon par distance."
        ),
    ] = None,
    filters: Annotated[
        FormationFiltersInput | None, strawberry.argument(description="Filtres, en plus des critères.")
    ] = None,
) -> Awaitable[FormationConnection | None]:
    page = read_page(first, after)
    request = formations_request(root.criteria, sort, filters or FormationFiltersInput())
    request.with_facets = info.selects_path("facets")
    request.with_metiers = info.selects("metiers")
    task = ask_with_creneaux(root, info, request, page)
    return _build_connection(task, page, FormationConnection, lambda answer: _formation_fields(answer, root))


def _besoins(
    root: Root,
    first: First = 20,
    after: After = None,
    sort: Annotated[BesoinSort, strawberry.argument(description="Ordre.")] = BesoinSort.DISTANCE,
) -> Awaitable[BesoinConnection | None]:
    page = read_page(first, after)
    task = root.ask(BESOINS, besoins_request(root.criteria, sort), page)
    return _build_connection(task, page, BesoinConnection)


def _offres(
    root: Root,
    first: First = 20,
    after: After = None,
    sort: Annotated[OffreSort, strawberry.argument(description="Ordre.")] = OffreSort.DISTANCE,
) -> Awaitable[OffreConnection | None]:
    page = read_page(first, after)
    task = root.ask(OFFRES, offres_request(root.criteria, sort), page)
    return _build_connection(task, page, OffreConnection)


def _recruteurs(
    root: Root,
    info: Info,
    first: First = 20,
    after: After = None,
    sort: Annotated[RecruteurSort, strawberry.argument(description="Ordre.")] = RecruteurSort.DISTANCE,
) -> Awaitable[RecruteurConnection | None]:
    page = read_page(first, after)
    request = recruteurs_request(root.criteria, sort)
    select_raisons(request, info)
    task = root.ask(RECRUTEURS, request, page)
    return _build_connection(task, page, RecruteurConnection)


def _employeurs(
    root: Root,
    info: Info,
    first: First = 30,
    after: After = None,
    sort: Annotated[EmployeurSort, strawberry.argument(description="Ordre.")] = EmployeurSort.DISTANCE,
) -> Awaitable[EmployeurConnection | None]:
    return ask_employeurs(root, info, read_page(first, after), sort)


async def _sources(root: Root) -> list[SourceReport]:
    return await root.board.statuses()


async def _build_connection(
    task: Awaitable[Res | None],
    page: Page,
    connection: Callable[..., C],
    more: Callable[[Res], dict[str, Any]] = lambda _: {},
) -> C | None:
    """The connection that shows an answer; `more` returns the fields that only this connection has."""
    answer = await task
    if answer is None:
        return None
    return connection(
        edges=answer.edges,
        page_info=page_info(answer, page),
        total_count=answer.total_count,
        **more(answer),
    )


def _formation_fields(answer: catalogue_pb2.SearchFormationsResponse, run: SearchRun) -> dict[str, Any]:
    return {
        "facets": as_type(FormationFacets, answer.facets) if answer.HasField("facets") else None,
        "plus_proches": as_list_of(FormationProche, answer.plus_proches),
        "metiers_proches": as_list_of(MetierProche, answer.metiers_proches),
        "message": _nearest_message(answer, run),
    }


def _nearest_message(answer: catalogue_pb2.SearchFormationsResponse, run: SearchRun) -> str | None:
    if not answer.plus_proches:
        return None
    rayon_km, nearest = run.criteria.zone.rayon_km, answer.plus_proches[0]
    return (
        f"Aucune formation dans un rayon de {rayon_km:g} km ; "
        f"la plus proche est à {nearest.distance_km:.0f} km, à {nearest.node.lieu.commune}."
    )


@strawberry.type(
    description="Formations et employeurs. Une source qui ne répond pas donne null ici, une ligne dans "
    "errors, et son état dans `sources` ; les autres répondent."
)
class SearchResult:
    """Shows a SearchRun."""

    formations: FormationConnection | None = strawberry.field(
        directives=[weighs(150), EDGES_BY_FIRST],
        resolver=_formations,
        graphql_type=FormationConnection | None,
        description="Les formations, les plus proches d'abord.",
    )
    besoins: BesoinConnection | None = strawberry.field(
        directives=[weighs(100), EDGES_BY_FIRST],
        resolver=_besoins,
        graphql_type=BesoinConnection | None,
        description="Les besoins déposés par les petites entreprises.",
    )
    offres: OffreConnection | None = strawberry.field(
        directives=[weighs(150), EDGES_BY_FIRST],
        resolver=_offres,
        graphql_type=OffreConnection | None,
        description="Les offres publiées chez France Travail.",
    )
    recruteurs: RecruteurConnection | None = strawberry.field(
        directives=[weighs(120), EDGES_BY_FIRST],
        resolver=_recruteurs,
        graphql_type=RecruteurConnection | None,
        description="Les employeurs qui recruteront probablement.",
    )
    employeurs: EmployeurConnection | None = strawberry.field(
        directives=[weighs(350), EDGES_BY_FIRST],
        resolver=_employeurs,
        graphql_type=EmployeurConnection | None,
        description="Les trois sources d'employeurs en une liste, sans doublon.",
    )
    sources: list[SourceReport] = strawberry.field(
        directives=[holds(6)],
        resolver=_sources,
        description="Comment chaque source a répondu à cette recherche.",
    )


async def _search(
    info: Info,
    criteria: Annotated[SearchCriteriaInput, strawberry.argument(description="Ce que l'on cherche.")],
) -> SearchResult:
    context = info.context
    try:
        checked = await read_criteria(criteria, context.referentiel)
    except InvalidRequest as error:
        # The resolvers of the lists will not run, so their page sizes are checked here too.
        raise InvalidRequest([*error.problems, *_list_problems(info)]) from error
    return cast("SearchResult", SearchRun(checked, context))


def _list_problems(info: Info) -> list[Problem]:
    return [
        Problem(f"{field.alias or field.name}.{problem.field}", problem.message)
        for field in info.child_fields()
        for problem in first_problems(int(field.arguments.get("first") or 0))
    ]


@strawberry.type
class SearchQuery:
    """Fields of Query."""

    search: SearchResult | None = strawberry.field(
        directives=[weighs(10)],
        resolver=_search,
        graphql_type=SearchResult | None,
        description="Pour un métier et un lieu : les formations et les employeurs, en une requête.",
    )
