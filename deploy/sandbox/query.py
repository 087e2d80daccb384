"""Parses the parameters of a search according to the partner's documentation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from services.common.texts import whole_number
from services.france.codes import is_departement, is_insee, is_rome
from services.france.communes import Communes

_RANGE = re.compile(r"([0-9]{1,6})-([0-9]{1,6})")
_MAX_START, _MAX_END, _MAX_ROWS = 3000, 3149, 150
_MAX_NUMBER = 99_999
_DEFAULT_DISTANCE_KM = 10
_NIVEAUX = frozenset({"NV1", "NV2", "NV3", "NV4", "NV5", "CFG", "CP4", "C12", "C3A", "AFS"})


def _like(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: bool(compiled.fullmatch(text))


_FORMATS = {
    "codeROME": (is_rome, 200),
    "commune": (is_insee, 5),
    "departement": (is_departement, 5),
    "region": (_like(r"[0-9]{2}"), 1),
    "codeNAF": (_like(r"[0-9]{2}\.[0-9]{2}[A-Z]"), 2),
    "natureContrat": (_like(r"[A-Z0-9]{2}"), 20),
    "typeContrat": (_like(r"[A-Z]{3}"), 20),
    "motsCles": (_like(r"[\w\s@#$%^&+./\"-]{2,}"), 20),
}


class BadParameter(Exception):
    """A parameter that the partner refuses; the message is the partner's, in French."""


@dataclass(frozen=True, slots=True)
class Query:
    """The criteria of a search; an empty criterion does not filter.

    The other parameters of the contract are accepted and ignored.
    """

    romes: frozenset[str]
    natures: frozenset[str]
    types: frozenset[str]
    communes: tuple[str, ...]
    distance_km: int
    departements: frozenset[str]
    region: str
    nafs: frozenset[str]
    niveau: str
    mots: tuple[str, ...]
    created_from: float
    created_to: float
    sort: int
    start: int
    end: int
    """Index of the last row of the page, inclusive."""


def read_query(params: Mapping[str, str], communes: Communes, now: float) -> Query:
    """Raises BadParameter."""
    start, end = _range(params.get("range", "0-149"))
    created_from, created_to = _creation(params, now)
    return Query(
        romes=frozenset(_codes(params, "codeROME")),
        natures=frozenset(_codes(params, "natureContrat")),
        types=frozenset(_codes(params, "typeContrat")),
        communes=_communes(params, communes),
        distance_km=_whole_number(params, "distance", _DEFAULT_DISTANCE_KM),
        departements=frozenset(_codes(params, "departement")),
        region="".join(_codes(params, "region")),
        nafs=frozenset(_codes(params, "codeNAF")),
        niveau=_one_of(params, "niveauFormation", _NIVEAUX),
        mots=tuple(word.strip().casefold() for word in _codes(params, "motsCles")),
        created_from=created_from,
        created_to=created_to,
        sort=int(_one_of(params, "sort", frozenset("012")) or 0),
        start=start,
        end=end,
    )


def _range(text: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(text)
    if not match:
        raise BadParameter("Format du paramètre « range » incorrect. <entier>-<entier> attendu.")
    start, end = int(match[1]), int(match[2])
    if start > _MAX_START:
        raise BadParameter(f"La position de début doit être inférieure ou égale à {_MAX_START}.")
    if end > _MAX_END:
        raise BadParameter(f"La position de fin doit être inférieure ou égale à {_MAX_END}.")
    if end < start:
        raise BadParameter("La position de fin doit être supérieure ou égale à la position de début.")
    if end - start >= _MAX_ROWS:
        raise BadParameter(f"La plage de résultats demandée est trop importante : {_MAX_ROWS} au plus.")
    return start, end


def _codes(params: Mapping[str, str], name: str) -> tuple[str, ...]:
    text = params.get(name, "")
    codes = tuple(code.strip() for code in text.split(",")) if text else ()
    is_right, at_most = _FORMATS[name]
    if len(codes) > at_most:
        raise BadParameter(f"Le paramètre « {name} » accepte {at_most} valeur(s) au plus.")
    for code in codes:
        if not is_right(code):
            raise BadParameter(f"Valeur du paramètre « {name} » incorrecte : {code[:20]}.")
    return codes


def _communes(params: Mapping[str, str], communes: Communes) -> tuple[str, ...]:
    codes = _codes(params, "commune")
    for code in codes:
        commune = communes.get(code)
        if commune is None or commune.insee != code or communes.point_of(commune) is None:
            raise BadParameter(f"Valeur du paramètre « commune » incorrecte : {code}.")
    return codes


def _whole_number(params: Mapping[str, str], name: str, default: int) -> int:
    number = whole_number(params.get(name, str(default)))
    if number is None or number > _MAX_NUMBER:
        raise BadParameter(f"Format du paramètre « {name} » incorrect. Entier positif attendu.")
    return number


def _one_of(params: Mapping[str, str], name: str, values: frozenset[str]) -> str:
    text = params.get(name, "")
    if text and text not in values:
        raise BadParameter(f"Valeur du paramètre « {name} » incorrecte : {text[:20]}.")
    return text


def _creation(params: Mapping[str, str], now: float) -> tuple[float, float]:
    created_from = _instant(params, "minCreationDate", float("-inf"))
    created_to = _instant(params, "maxCreationDate", float("inf"))
    if "publieeDepuis" in params:
        days = _whole_number(params, "publieeDepuis", 0)
        created_from = max(created_from, now - days * 86_400)
    return created_from, created_to


def _instant(params: Mapping[str, str], name: str, default: float) -> float:
    text = params.get(name)
    if text is None:
        return default
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        message = f"Format du paramètre « {name} » incorrect. yyyy-MM-dd'T'hh:mm:ss'Z' attendu."
        raise BadParameter(message) from None
