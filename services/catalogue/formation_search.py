"""Whether a request is right: every problem of it, by field; and what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date

from protos import catalogue_pb2
from services.catalogue.checks import Request, first_problems, search_problems
from services.catalogue.criteria import (
    FormationCriteria,
    FormationSort,
    PageWanted,
    Position,
    Refinements,
    TextQuery,
)
from services.common.cursor import KeyPart, decode_cursor, encode_cursor, search_digest
from services.common.errors import InvalidRequest, Problem
from services.france.convert import read_zone

_MAX_BATCH = 100
_MAX_SUGGESTIONS = 50
_MAX_SUGGESTION_CHARS = 100

_PAGING = ("first", "after", "with_facets")

_SORTS = {
    catalogue_pb2.FORMATION_SORT_UNSPECIFIED: FormationSort.RELEVANCE,
    catalogue_pb2.FORMATION_SORT_DISTANCE: FormationSort.DISTANCE,
    catalogue_pb2.FORMATION_SORT_RELEVANCE: FormationSort.RELEVANCE,
    catalogue_pb2.FORMATION_SORT_START: FormationSort.START,
}

_KINDS: dict[FormationSort, tuple[type, ...]] = {
    FormationSort.DISTANCE: (),
    FormationSort.RELEVANCE: (int, int),
    FormationSort.START: (int,),
}
"""What a cursor holds before distance, title and id."""


class FormationSearch:
    """A search as it was asked for, checked. Raises InvalidRequest with every problem.

    `expand` gives the query for a text, or None when there is nothing to look for in it.
    """

    def __init__(
        self,
        request: Request,
        romes: Collection[str],
        today: date,
        expand: Callable[[str], TextQuery | None],
    ) -> None:
        problems = list(search_problems(request, romes))
        zone = read_zone(request.zone, problems)
        texte = None if problems else expand(request.texte)
        self._digest = search_digest(request, _PAGING)
        self._sort = _SORTS.get(request.sort, FormationSort.DISTANCE)
        if self._sort is FormationSort.RELEVANCE and not request.texte.strip():
            self._sort = FormationSort.DISTANCE
        after = self._position(request.after, problems)
        if problems:
            raise InvalidRequest(problems)
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
        """What to give back as `after` for the rows that follow this one."""
        key: tuple[KeyPart, ...] = (position.distance_km, position.title, position.id)
        if self._sort is FormationSort.RELEVANCE:
            key = (position.score, position.mots, *key)
        elif self._sort is FormationSort.START:
            key = (position.first_month, *key)
        return encode_cursor(self._digest, key)

    def _position(self, cursor: str, problems: list[Problem]) -> Position | None:
        if not cursor:
            return None
        kinds: list[type | tuple[type, ...]] = [*_KINDS[self._sort], (float, type(None)), str, str]
        try:
            *first, distance, title, identifier = decode_cursor(cursor, self._digest, kinds)
        except InvalidRequest as error:
            problems += error.problems
            return None
        numbers = [int(part) for part in first if part is not None]
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


def _refinements(request: Request) -> Refinements:
    niveaux = {*request.niveaux, request.niveau} if request.niveau else set(request.niveaux)
    return Refinements(
        niveaux=frozenset(map(int, niveaux)),
        diplomes=frozenset(request.diplomes),
        domaines=frozenset(request.domaines),
        departements=frozenset(request.departements),
        mois=frozenset(request.mois),
        qualiopi=request.qualiopi if request.HasField("qualiopi") else None,
    )


def check_batch(path: str, values: Sequence[str]) -> None:
    """Raise InvalidRequest when more is asked for than one call gives."""
    if len(values) > _MAX_BATCH:
        raise InvalidRequest([Problem(path, f"{len(values)} demandés ; {_MAX_BATCH} au plus par appel")])


def check_suggestion(
    request: catalogue_pb2.SuggestMetiersRequest | catalogue_pb2.SuggestCommunesRequest,
) -> None:
    """Raise InvalidRequest when the text or the number of rows is out of bounds."""
    problems = list(first_problems(request.first, 1, _MAX_SUGGESTIONS))
    if not request.texte.strip():
        problems.append(Problem("texte", "vide ; donner au moins un caractère"))
    elif len(request.texte) > _MAX_SUGGESTION_CHARS:
        message = f"{len(request.texte)} caractères ; {_MAX_SUGGESTION_CHARS} au plus"
        problems.append(Problem("texte", message))
    if problems:
        raise InvalidRequest(problems)
