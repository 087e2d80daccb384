"""Finds the problems of a search request, field by field."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from protos import catalogue_pb2, diplome_pb2
from services.common.errors import Problem

_MAX_VALUES = 50
_MAX_PAGE = 100
_MAX_TEXT_CHARS = 200

_ROME = re.compile(r"[A-Z][0-9]{4}")
_ROME_DOMAINE = re.compile(r"[A-Z]([0-9]{2})?")
_RNCP = re.compile(r"RNCP[0-9]{1,6}")

_SHAPES = {
    "domaines": (re.compile(r"[A-Z][0-9]{2}"), "un domaine : une lettre et deux chiffres, comme D11"),
    "departements": (
        re.compile(r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-9]|98[4-9]"),
        "le code d'un département ; par exemple 01, 2A ou 974",
    ),
    "mois": (re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])"), "un mois : année et mois, comme 2027-09"),
}

Request = catalogue_pb2.SearchFormationsRequest


def search_problems(request: Request, romes: Collection[str]) -> Iterator[Problem]:
    """The problems of all fields except the zone and the cursor; `romes` are the existing codes."""
    yield from _rome_problems(request.romes, romes)
    yield from _rome_domaine_problems(request, romes)
    yield from _rncp_problems(request.rncps)
    yield from _choice_problems(request)
    yield from _shape_problems("domaines", request.domaines)
    yield from _shape_problems("departements", request.departements)
    yield from _shape_problems("mois", request.mois)
    yield from _too_many("diplomes", request.diplomes)
    if len(request.texte) > _MAX_TEXT_CHARS:
        yield Problem("texte", f"{len(request.texte)} caractères ; {_MAX_TEXT_CHARS} au plus")
    yield from first_problems(request.first, 0, _MAX_PAGE)


def first_problems(first: int, low: int, high: int) -> Iterator[Problem]:
    if not low <= first <= high:
        yield Problem("first", f"{first} n'est pas entre {low} et {high}")


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


def _shape_problems(path: str, values: Sequence[str]) -> Iterator[Problem]:
    yield from _too_many(path, values)
    shape, wanted = _SHAPES[path]
    for number, value in enumerate(values):
        if not shape.fullmatch(value):
            yield Problem(f"{path}[{number}]", f"« {value} » n'est pas {wanted}")


def _too_many(path: str, values: Sequence[object]) -> Iterator[Problem]:
    if len(values) > _MAX_VALUES:
        yield Problem(path, f"{len(values)} valeurs ; {_MAX_VALUES} au plus")


def _choice_problems(request: Request) -> Iterator[Problem]:
    # proto3 enums are open, so a number without a name passes: https://protobuf.dev/programming-guides/enum/
    if request.niveau not in diplome_pb2.Niveau.values():
        yield Problem("niveau", f"{request.niveau} n'est pas un niveau ; de 3 à 7")
    for number, niveau in enumerate(request.niveaux):
        if niveau not in diplome_pb2.Niveau.values() or not niveau:
            yield Problem(f"niveaux[{number}]", f"{niveau} n'est pas un niveau ; de 3 à 7")
    if request.sort not in catalogue_pb2.FormationSort.values():
        known = ", ".join(catalogue_pb2.FormationSort.keys()[1:])
        yield Problem("sort", f"{request.sort} n'est pas un ordre connu ; {known}")
