"""Whether a request is right: every problem of it, by field; and what it asks for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from protos import catalogue_pb2, diplome_pb2
from services.catalogue.formation import FormationCriteria, PageWanted, Position
from services.common.cursor import decode_cursor, encode_cursor, search_digest
from services.common.errors import InvalidRequest, Problem
from services.common.geo import read_zone

_MAX_CODES = 50
_MAX_PAGE = 100
_MAX_BATCH = 100
_MAX_SUGGESTIONS = 50
_MAX_TEXT_CHARS = 100

_ROME = re.compile(r"[A-Z][0-9]{4}")
_ROME_DOMAINE = re.compile(r"[A-Z]([0-9]{2})?")
_RNCP = re.compile(r"RNCP[0-9]{1,6}")

_PAGING = ("first", "after", "with_facets")
_CURSOR_KINDS = ((float, type(None)), str, str)

Request = catalogue_pb2.SearchFormationsRequest


class FormationSearch:
    """A search as it was asked for, checked. Raises InvalidRequest with every problem."""

    def __init__(self, request: Request, romes: Collection[str]) -> None:
        problems = [
            *_rome_problems(request.romes, romes),
            *_rome_domaine_problems(request, romes),
            *_rncp_problems(request.rncps),
            *_choice_problems(request),
            *_first_problems(request.first, 0, _MAX_PAGE),
        ]
        zone = read_zone(request.zone, problems)
        self._digest = search_digest(request, _PAGING)
        after = self._position(request.after, problems)
        if problems:
            raise InvalidRequest(problems)
        self.criteria = FormationCriteria(
            romes=frozenset(request.romes),
            rome_domaine=request.rome_domaine if request.HasField("rome_domaine") else None,
            rncps=frozenset(request.rncps),
            niveau=request.niveau,
            zone=zone,
        )
        self.page = PageWanted(request.first, after, request.with_facets)

    def cursor(self, position: Position) -> str:
        return encode_cursor(self._digest, (position.distance_km, position.title, position.id))

    def _position(self, cursor: str, problems: list[Problem]) -> Position | None:
        if not cursor:
            return None
        try:
            distance, title, identifier = decode_cursor(cursor, self._digest, _CURSOR_KINDS)
        except InvalidRequest as error:
            problems += error.problems
            return None
        return Position(None if distance is None else float(distance), str(title), str(identifier))


def _rome_problems(codes: Sequence[str], known: Collection[str]) -> Iterator[Problem]:
    yield from _too_many("romes", codes)
    for number, code in enumerate(codes):
        if not _ROME.fullmatch(code):
            message = f"« {code} » n'est pas un code ROME : une lettre et quatre chiffres, comme D1102"
            yield Problem(f"romes[{number}]", message)
        elif code not in known:
            message = f"le code ROME {code} n'existe pas ; metiers(texte) donne ceux d'un métier"
            yield Problem(f"romes[{number}]", message)


def _rome_domaine_problems(request: Request, known: Collection[str]) -> Iterator[Problem]:
    if not request.HasField("rome_domaine"):
        return
    domaine = request.rome_domaine
    if request.romes:
        yield Problem("rome_domaine", "romes et rome_domaine s'excluent ; garder l'un des deux")
    if not _ROME_DOMAINE.fullmatch(domaine):
        message = f"« {domaine} » n'est pas un domaine : une lettre (D), ou une lettre et deux chiffres (D11)"
        yield Problem("rome_domaine", message)
    elif not any(code.startswith(domaine) for code in known):
        yield Problem("rome_domaine", f"aucun code ROME ne commence par {domaine}")


def _rncp_problems(codes: Sequence[str]) -> Iterator[Problem]:
    yield from _too_many("rncps", codes)
    for number, code in enumerate(codes):
        if not _RNCP.fullmatch(code):
            message = f"« {code} » n'est pas un code RNCP : RNCP et des chiffres, comme RNCP37537"
            yield Problem(f"rncps[{number}]", message)


def _too_many(path: str, codes: Sequence[str]) -> Iterator[Problem]:
    if len(codes) > _MAX_CODES:
        yield Problem(path, f"{len(codes)} codes ; {_MAX_CODES} au plus")


def _choice_problems(request: Request) -> Iterator[Problem]:
    # Enums are open: a number that the contract does not name comes through.
    if request.niveau not in diplome_pb2.Niveau.values():
        yield Problem("niveau", f"{request.niveau} n'est pas un niveau ; de 3 à 7")
    if request.sort not in catalogue_pb2.FormationSort.values():
        yield Problem("sort", f"{request.sort} n'est pas un ordre connu ; FORMATION_SORT_DISTANCE")


def _first_problems(first: int, low: int, high: int) -> Iterator[Problem]:
    if not low <= first <= high:
        yield Problem("first", f"{first} n'est pas entre {low} et {high}")


def check_batch(path: str, values: Sequence[str]) -> None:
    """Raise InvalidRequest when more is asked for than one call gives."""
    if len(values) > _MAX_BATCH:
        raise InvalidRequest([Problem(path, f"{len(values)} demandés ; {_MAX_BATCH} au plus par appel")])


def check_suggestion(
    request: catalogue_pb2.SuggestMetiersRequest | catalogue_pb2.SuggestCommunesRequest,
) -> None:
    """Raise InvalidRequest when the text or the number of rows is out of bounds."""
    problems = list(_first_problems(request.first, 1, _MAX_SUGGESTIONS))
    if not request.texte.strip():
        problems.append(Problem("texte", "vide ; donner au moins un caractère"))
    elif len(request.texte) > _MAX_TEXT_CHARS:
        message = f"{len(request.texte)} caractères ; {_MAX_TEXT_CHARS} au plus"
        problems.append(Problem("texte", message))
    if problems:
        raise InvalidRequest(problems)
