"""Checks a search request and converts it to criteria; all its problems are reported together, by field."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import Annotated

from pydantic import Field, FiniteFloat, TypeAdapter

from protos import catalogue_pb2
from services.catalogue.checks import SearchRequest, search_problems
from services.catalogue.criteria import (
    FormationCriteria,
    FormationSort,
    PageWanted,
    Position,
    Refinements,
    TextQuery,
)
from services.common.checks import raise_if_any
from services.common.cursor import decode_cursor, encode_cursor, search_digest
from services.common.errors import InvalidRequest, Problem
from services.france.convert import read_zone

_PAGING = ("first", "after", "with_facets", "with_metiers")

_SORTS = {
    catalogue_pb2.FORMATION_SORT_UNSPECIFIED: FormationSort.RELEVANCE,
    catalogue_pb2.FORMATION_SORT_DISTANCE: FormationSort.DISTANCE,
    catalogue_pb2.FORMATION_SORT_RELEVANCE: FormationSort.RELEVANCE,
    catalogue_pb2.FORMATION_SORT_START: FormationSort.START,
}

_Whole = Annotated[int, Field(ge=0, lt=2**63)]
"""The integers that both engines accept."""

_POSITION = TypeAdapter(tuple[_Whole, _Whole, _Whole, FiniteFloat | None, str, str])
"""The fields of a Position."""


class FormationSearch:
    """A checked search request. The constructor raises InvalidRequest with all problems.

    `expand` gives the query for a text, or None when the text has only stop words.
    """

    def __init__(
        self,
        request: SearchRequest,
        romes: Collection[str],
        today: date,
        expand: Callable[[str], TextQuery | None],
    ) -> None:
        problems = search_problems(request, romes)
        zone = read_zone(request.zone, problems)
        texte = None if problems else expand(request.texte)
        self._digest = search_digest(request, _PAGING)
        self._sort = _SORTS.get(request.sort, FormationSort.DISTANCE)
        if self._sort is FormationSort.RELEVANCE and not request.texte.strip():
            self._sort = FormationSort.DISTANCE
        after = self._position(request.after, problems)
        raise_if_any(problems)
        self.criteria = FormationCriteria(
            romes=frozenset(request.romes),
            rome_domaine=request.rome_domaine if request.HasField("rome_domaine") else None,
            rncps=frozenset(request.rncps),
            zone=zone,
            texte=texte,
            refinements=_refinements(request),
        )
        self.page = PageWanted(request.first, after, self._sort, request.with_facets, f"{today:%Y-%m}")

    def cursor(self, position: Position) -> str:
        """The cursor to send as `after` for the rows that follow this position."""
        score, mots, month = position.score, position.mots, position.first_month
        key = (score, mots, month, position.distance_km, position.title, position.id)
        return encode_cursor(self._digest, key)

    def _position(self, cursor: str, problems: list[Problem]) -> Position | None:
        if not cursor:
            return None
        try:
            return Position(*decode_cursor(cursor, self._digest, _POSITION))
        except InvalidRequest as error:
            problems += error.problems
            return None


def _refinements(request: SearchRequest) -> Refinements:
    niveaux = {*request.niveaux, request.niveau} if request.niveau else set(request.niveaux)
    return Refinements(
        niveaux=frozenset(map(int, niveaux)),
        diplomes=frozenset(request.diplomes),
        domaines=frozenset(request.domaines),
        departements=frozenset(request.departements),
        mois=frozenset(request.mois),
        qualiopi=request.qualiopi if request.HasField("qualiopi") else None,
    )
