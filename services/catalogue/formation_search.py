"""Checks requests, collects their problems by field, and turns a search request into criteria."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date

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
from services.common.cursor import KeyPart, decode_cursor, encode_cursor, search_digest
from services.common.errors import InvalidRequest, Problem
from services.france.geo import read_zone

_PAGING = ("first", "after", "with_facets", "with_metiers")

_SORTS = {
    catalogue_pb2.FORMATION_SORT_UNSPECIFIED: FormationSort.RELEVANCE,
    catalogue_pb2.FORMATION_SORT_DISTANCE: FormationSort.DISTANCE,
    catalogue_pb2.FORMATION_SORT_RELEVANCE: FormationSort.RELEVANCE,
    catalogue_pb2.FORMATION_SORT_START: FormationSort.START,
}

_LEADING_KEY_TYPES: dict[FormationSort, tuple[type, ...]] = {
    FormationSort.DISTANCE: (),
    FormationSort.RELEVANCE: (int, int),
    FormationSort.START: (int,),
}
"""The types of the values in a cursor before distance, title and id."""


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
        """The cursor of a row, to be sent as `after` for the next rows."""
        key: tuple[KeyPart, ...] = (position.distance_km, position.title, position.id)
        if self._sort is FormationSort.RELEVANCE:
            key = (position.score, position.mots, *key)
        elif self._sort is FormationSort.START:
            key = (position.first_month, *key)
        return encode_cursor(self._digest, key)

    def _position(self, cursor: str, problems: list[Problem]) -> Position | None:
        if not cursor:
            return None
        types: list[type | tuple[type, ...]] = [
            *_LEADING_KEY_TYPES[self._sort],
            (float, type(None)),
            str,
            str,
        ]
        try:
            *leading, distance, title, identifier = decode_cursor(cursor, self._digest, types)
        except InvalidRequest as error:
            problems += error.problems
            return None
        numbers = [int(part) for part in leading if part is not None]
        by_score = self._sort is FormationSort.RELEVANCE
        score, mots = numbers if by_score else (0, 0)
        return Position(
            score=score,
            mots=mots,
            first_month=numbers[0] if self._sort is FormationSort.START else 0,
            distance_km=None if distance is None else float(distance),
            title=str(title),
            id=str(identifier),
        )


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
