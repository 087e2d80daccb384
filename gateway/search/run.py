"""The calls of one search: how each source is called, and one function that calls them."""

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
    """A request with a page, to any source."""

    first: int
    after: str


Req = TypeVar("Req", bound=Paged)
Res = TypeVar("Res")
T = TypeVar("T")

NO_ROME = "Les employeurs se cherchent par métier : donnez romes ou romeDomaine."


@dataclass(frozen=True)
class Ask(Generic[Req, Res]):
    """How to call a source."""

    source: Source
    send: Callable[[Clients, Req], Awaitable[Res]]
    by_metier: bool = True
    """Whether the source needs ROME codes."""
    partial: Callable[[Res], str | None] = lambda _: None
    """Why an answer is incomplete, for people; None when it is complete."""


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


class SearchRun:
    """The value behind SearchResult: criteria, and the calls that its fields start."""

    def __init__(self, criteria: SearchCriteria, context: Context) -> None:
        self.criteria = criteria
        self.context = context
        self.board = SourceBoard(context)

    def ask(
        self, how: Ask[Req, Res], request: Req, page: Page, *, whole: bool = False
    ) -> asyncio.Task[Res | None]:
        """Start the call. Awaiting the returned task gives the answer, or raises a ServiceError.

        The answer is None if the source needs ROME codes and there are none; `sources` then says so. With
        `whole`, all rows are parsed now, and a row that is no message is a failure of the source.
        """
        if how.by_metier and not self.criteria.employeur_romes:
            self.board.skip(how.source, NO_ROME)
            return self.board.start(_no_answer())
        request.first, request.after = page.first, page.after
        answer = _translate_refusal(how.send(self.context.clients, request), whole=whole)
        return self.board.ask(how.source, answer, how.partial)


async def _no_answer() -> None:
    """The answer of a source that was not asked."""


async def _translate_refusal(call: Awaitable[T], *, whole: bool) -> T:
    try:
        answer = await call
    except InvalidRequest as error:
        raise on_arguments(error, criteria=SearchCriteriaInput, filters=FormationFiltersInput) from error
    if whole:
        # This parses the rows, which may still be bytes (see `execution/lazy.py`).
        list(cast("Any", answer).edges)
    return answer
