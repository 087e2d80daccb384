"""The calls of one search."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar, cast

from gateway.context import Context
from gateway.errors import on_criteria
from gateway.execution.binding import number
from gateway.search.criteria import SearchCriteria
from gateway.search.sources import Source, SourceBoard
from gateway.types.besoin import BesoinSort
from gateway.types.formation import FormationSort
from gateway.types.formation_facets import FormationFiltersInput
from gateway.types.offre import OffreSort
from gateway.types.paging import Page
from gateway.types.recruteur import RecruteurSort
from protos import catalogue_pb2, jobs_pb2, matcha_pb2, prediction_pb2
from protos.services import CATALOGUE, JOBS, MATCHA, PREDICTION
from services.common.errors import InvalidRequest

T = TypeVar("T")

NO_ROME = "Les employeurs se cherchent par métier : donner romes ou romeDomaine."


class SearchRun:
    """The value behind SearchResult: criteria, and the calls that its fields start.

    Each method starts its call at once and gives the task of the answer, which raises a ServiceError.
    """

    def __init__(self, criteria: SearchCriteria, context: Context) -> None:
        self.criteria = criteria
        self.context = context
        self.board = SourceBoard(context)

    def ask_formations(
        self,
        page: Page,
        sort: FormationSort | None,
        filters: FormationFiltersInput,
        *,
        with_facets: bool,
        whole: bool = False,
    ) -> asyncio.Task[catalogue_pb2.SearchFormationsResponse]:
        """`whole` is for those who read every row: one that is no message is then a failure of its source."""
        criteria = self.criteria
        request = catalogue_pb2.SearchFormationsRequest(
            romes=criteria.romes,
            rome_domaine=criteria.rome_domaine,
            rncps=criteria.rncps,
            niveau=number(criteria.niveau),
            zone=criteria.zone,
            first=page.first,
            after=page.after,
            with_facets=with_facets,
            texte=criteria.texte,
            sort=number(sort),
            niveaux=[number(niveau) for niveau in filters.niveaux],
            diplomes=filters.diplomes,
            domaines=filters.domaines,
            departements=filters.departements,
            mois=filters.mois,
            qualiopi=filters.qualiopi,
        )
        catalogue = self.context.clients[CATALOGUE]
        call = catalogue.read(catalogue.stub.SearchFormations, request)
        return self.board.ask(Source.FORMATIONS, _in_schema_words(call, whole=whole))

    def ask_besoins(
        self, page: Page, sort: BesoinSort, *, whole: bool = False
    ) -> asyncio.Task[matcha_pb2.SearchBesoinsResponse] | None:
        """None, and a word in the sources, when there is no ROME to search with. `whole` as above."""
        if not self._has_romes(Source.BESOINS):
            return None
        criteria = self.criteria
        request = matcha_pb2.SearchBesoinsRequest(
            romes=criteria.employeur_romes,
            zone=criteria.zone,
            niveau=number(criteria.niveau),
            sort=number(sort),
            first=page.first,
            after=page.after,
        )
        matcha = self.context.clients[MATCHA]
        call = matcha.read(matcha.stub.SearchBesoins, request)
        return self.board.ask(Source.BESOINS, _in_schema_words(call, whole=whole))

    def ask_offres(
        self, page: Page, sort: OffreSort, *, whole: bool = False
    ) -> asyncio.Task[jobs_pb2.SearchOffresResponse] | None:
        """As `ask_besoins`."""
        if not self._has_romes(Source.OFFRES):
            return None
        criteria = self.criteria
        request = jobs_pb2.SearchOffresRequest(
            romes=criteria.employeur_romes,
            zone=criteria.zone,
            niveau=number(criteria.niveau),
            sort=number(sort),
            first=page.first,
            after=page.after,
        )
        jobs = self.context.clients[JOBS]
        call = jobs.read(jobs.stub.SearchOffres, request)
        return self.board.ask(
            Source.OFFRES,
            _in_schema_words(call, whole=whole),
            lambda answer: answer.partial if answer.HasField("partial") else None,
        )

    def ask_recruteurs(
        self, page: Page, sort: RecruteurSort, *, with_raisons: bool, whole: bool = False
    ) -> asyncio.Task[prediction_pb2.SearchRecruteursResponse] | None:
        """As `ask_besoins`."""
        if not self._has_romes(Source.RECRUTEURS):
            return None
        criteria = self.criteria
        request = prediction_pb2.SearchRecruteursRequest(
            romes=criteria.employeur_romes,
            zone=criteria.zone,
            sort=number(sort),
            first=page.first,
            after=page.after,
            with_raisons=with_raisons,
        )
        prediction = self.context.clients[PREDICTION]
        call = prediction.read(prediction.stub.SearchRecruteurs, request)
        return self.board.ask(Source.RECRUTEURS, _in_schema_words(call, whole=whole))

    def _has_romes(self, source: Source) -> bool:
        if self.criteria.employeur_romes:
            return True
        self.board.skip(source, NO_ROME)
        return False


async def _in_schema_words(call: Awaitable[T], *, whole: bool = False) -> T:
    try:
        answer = await call
    except InvalidRequest as error:
        raise on_criteria(error) from error
    if whole:
        # Its rows may still be bytes (see `execution/lazy.py`).
        list(cast("Any", answer).edges)
    return answer
