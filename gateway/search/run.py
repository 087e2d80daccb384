"""The calls of one search: a table of the sources, and the one way in which each is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, cast

from gateway.arguments import on_arguments
from gateway.context import Context
from gateway.search.criteria import SearchCriteria, SearchCriteriaInput
from gateway.search.sources import Source, SourceBoard
from gateway.types.formation_facets import FormationFiltersInput
from gateway.types.paging import Page
from gateway.upstream.clients import Clients
from protos import catalogue_pb2, jobs_pb2, matcha_pb2, prediction_pb2
from protos.services import CATALOGUE, JOBS, MATCHA, PREDICTION
from services.common.errors import InvalidRequest


class Paged(Protocol):
    """A request of any source."""

    first: int
    after: str


Req = TypeVar("Req", bound=Paged)
Res = TypeVar("Res")
T = TypeVar("T")

NO_ROME = "Les employeurs se cherchent par métier : donnez romes ou romeDomaine."


@dataclass(frozen=True)
class Ask(Generic[Req, Res]):
    """How a source is asked."""

    source: Source
    send: Callable[[Clients, Req], Awaitable[Res]]
    by_metier: bool = True
    """Whether it can only be asked for given jobs."""
    partial: Callable[[Res], str | None] = lambda _: None
    """Reads in the answer why it is not whole, for people."""


FORMATIONS: Ask[catalogue_pb2.SearchFormationsRequest, catalogue_pb2.SearchFormationsResponse] = Ask(
    Source.FORMATIONS,
    lambda to, request: to[CATALOGUE].read(to[CATALOGUE].stub.SearchFormations, request),
    by_metier=False,
)
BESOINS: Ask[matcha_pb2.SearchBesoinsRequest, matcha_pb2.SearchBesoinsResponse] = Ask(
    Source.BESOINS, lambda to, request: to[MATCHA].read(to[MATCHA].stub.SearchBesoins, request)
)
OFFRES: Ask[jobs_pb2.SearchOffresRequest, jobs_pb2.SearchOffresResponse] = Ask(
    Source.OFFRES,
    lambda to, request: to[JOBS].read(to[JOBS].stub.SearchOffres, request),
    partial=lambda answer: answer.partial if answer.HasField("partial") else None,
)
RECRUTEURS: Ask[prediction_pb2.SearchRecruteursRequest, prediction_pb2.SearchRecruteursResponse] = Ask(
    Source.RECRUTEURS, lambda to, request: to[PREDICTION].read(to[PREDICTION].stub.SearchRecruteurs, request)
)


@dataclass(frozen=True)
class FormationParts:
    """What is shown of a page of trainings beyond what every page has."""

    facets: bool
    metiers: bool
    creneaux: bool
    """They are asked for by the ids of all rows: a row that is no message is then a failure of the source."""


class SearchRun:
    """The value behind SearchResult: criteria, and the calls that its fields start."""

    def __init__(self, criteria: SearchCriteria, context: Context) -> None:
        self.criteria = criteria
        self.context = context
        self.board = SourceBoard(context)

    def ask(
        self, how: Ask[Req, Res], request: Req, page: Page, *, whole: bool = False
    ) -> asyncio.Task[Res | None]:
        """Start the call at once; the task of its answer raises a ServiceError.

        None, and a word in the sources, when there is no ROME to search with. `whole` is for those who
        read every row: one that is no message is then a failure of its source.
        """
        if how.by_metier and not self.criteria.employeur_romes:
            self.board.skip(how.source, NO_ROME)
            return self.board.start(_nothing())
        request.first, request.after = page.first, page.after
        answer = _in_schema_words(how.send(self.context.clients, request), whole=whole)
        return self.board.ask(how.source, answer, how.partial)


async def _nothing() -> None:
    """The answer of a source that was not asked."""


async def _in_schema_words(call: Awaitable[T], *, whole: bool) -> T:
    try:
        answer = await call
    except InvalidRequest as error:
        raise on_arguments(error, criteria=SearchCriteriaInput, filters=FormationFiltersInput) from error
    if whole:
        # Its rows may still be bytes (see `execution/lazy.py`).
        list(cast("Any", answer).edges)
    return answer
