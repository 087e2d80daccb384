"""Finds the problems of a search request, field by field."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import partial

from protos import catalogue_pb2
from services.catalogue.text.limits import MAX_SUGGESTION_CHARS, MAX_TEXT_CHARS
from services.common.checks import (
    count_problems,
    enum_problems,
    first_problems,
    length_problems,
    list_problems,
    shape_problems,
)
from services.common.errors import Problem
from services.france.checks import (
    departement_problems,
    domaine_problems,
    known_rome_problems,
    niveau_problems,
    rncp_problems,
    rome_domaine_problems,
)

_MAX_VALUES = 50
_MAX_BATCH = 100
_MAX_SUGGESTIONS = 50

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")

SearchRequest = catalogue_pb2.SearchFormationsRequest
SuggestRequest = catalogue_pb2.SuggestMetiersRequest | catalogue_pb2.SuggestCommunesRequest


def search_problems(request: SearchRequest, romes: Collection[str]) -> list[Problem]:
    """All problems except those of the zone and of the cursor. `romes` are the codes that exist."""
    known_rome = partial(known_rome_problems, known=romes)
    return [
        *list_problems("romes", request.romes, known_rome, 0, _MAX_VALUES),
        *_rome_domaine_problems(request, romes),
        *list_problems("rncps", request.rncps, rncp_problems, 0, _MAX_VALUES),
        *niveau_problems("niveau", request.niveau),
        *_niveaux_problems(request.niveaux),
        *enum_problems("sort", request.sort, catalogue_pb2.FormationSort.DESCRIPTOR, "un ordre connu"),
        *list_problems("domaines", request.domaines, domaine_problems, 0, _MAX_VALUES),
        *list_problems("departements", request.departements, departement_problems, 0, _MAX_VALUES),
        *list_problems("mois", request.mois, _month_problems, 0, _MAX_VALUES),
        *count_problems("diplomes", request.diplomes, 0, _MAX_VALUES),
        *length_problems("texte", request.texte, 0, MAX_TEXT_CHARS),
        *first_problems(request.first),
    ]


def batch_problems(path: str, values: Sequence[str]) -> list[Problem]:
    """A problem if a call asks for more rows than the limit."""
    return count_problems(path, values, 0, _MAX_BATCH)


def suggestion_problems(request: SuggestRequest) -> list[Problem]:
    return [
        *first_problems(request.first, 1, _MAX_SUGGESTIONS),
        *length_problems("texte", request.texte, 1, MAX_SUGGESTION_CHARS),
    ]


def _rome_domaine_problems(request: SearchRequest, known: Collection[str]) -> list[Problem]:
    if not request.HasField("rome_domaine"):
        return []
    domaine = request.rome_domaine
    problems = rome_domaine_problems("rome_domaine", domaine)
    if request.romes:
        problems.append(Problem("rome_domaine", "romes et rome_domaine s'excluent ; donnez l'un des deux"))
    if not problems and not any(code.startswith(domaine) for code in known):
        problems.append(Problem("rome_domaine", f"aucun code ROME ne commence par {domaine}"))
    return problems


def _niveaux_problems(niveaux: Sequence[int]) -> list[Problem]:
    return [
        problem
        for place, niveau in enumerate(niveaux)
        for problem in niveau_problems(f"niveaux[{place}]", niveau, required=True)
    ]


def _month_problems(path: str, text: str) -> list[Problem]:
    wanted = "un mois : année et mois, comme 2027-09"
    return shape_problems(path, text, lambda month: bool(_MONTH.fullmatch(month)), wanted)
