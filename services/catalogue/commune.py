"""Communes: by code, by place, and the suggestion of one from what is being typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from services.catalogue.suggest.word_index import ABSENT, WordIndex
from services.france.geo import Point
from services.france.geo_columns import distances_km
from services.france.names import fold, words

FIRST_ARRONDISSEMENTS = {"75056": "75101", "69123": "69381", "13055": "13201"}
"""The cities that INSEE divides, and the arrondissement that partners know them by."""

# Written in full in official names, seldom when typed.
_SHORTENED = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
_POSTAL_CODE_CHARS = 5
_JOINED = 1_000
"""Cost of words written as one: only for who finds nothing otherwise, else "sainte" finds Saint-Étienne."""

_Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today, or an arrondissement of Paris, Lyon or Marseille."""

    insee: str
    nom: str
    departement: str
    departement_nom: str
    region: str
    region_nom: str
    codes_postaux: tuple[str, ...] = ()
    population: int = 0
    point: Point | None = None
    commune_parente: str | None = None
    anciens_codes: tuple[str, ...] = ()

    def indexed_words(self) -> Iterator[tuple[str, int]]:
        """The words of the name, those that are left when its signs are not typed, and postal codes."""
        parts = words(self.nom)
        joined = {"".join(parts), *(a + b for a, b in pairwise(parts) if len(a) == 1)}
        for word in {*parts, *self.codes_postaux}:
            yield word, 0
        for word in joined:
            yield word, _JOINED


class Communes:
    """The table of communes, by current and former codes."""

    def __init__(self, communes: Sequence[Commune]) -> None:
        self.all = tuple(communes)
        self._by_code = {former: commune for commune in communes for former in commune.anciens_codes}
        self._by_code |= {commune.insee: commune for commune in communes}
        self._parts: dict[str, list[Commune]] = {}
        for commune in communes:
            if commune.commune_parente:
                self._parts.setdefault(commune.commune_parente, []).append(commune)
        # A point of a divided city is in one of its arrondissements.
        self._placed = [each for each in communes if each.point and each.insee not in self._parts]
        self._latitudes = np.array([each.point.latitude for each in self._placed if each.point])
        self._longitudes = np.array([each.point.longitude for each in self._placed if each.point])
        self._by_postal_code: dict[str, list[Commune]] = {}
        for commune in communes:
            for code in commune.codes_postaux:
                self._by_postal_code.setdefault(code, []).append(commune)

    def get(self, insee: str) -> Commune | None:
        """The commune of a code; a former code gives the commune that it is part of today."""
        return self._by_code.get(insee)

    def arrondissements(self, commune: Commune) -> Sequence[Commune]:
        return self._parts.get(commune.insee, ())

    def with_postal_code(self, code: str) -> Sequence[Commune]:
        """The communes of a postal code; for a divided city, its arrondissement alone."""
        return [each for each in self._by_postal_code.get(code, ()) if each.insee not in self._parts]

    def nearest(self, point: Point) -> tuple[Commune, float] | None:
        """The commune whose centre is nearest, and its distance in kilometres."""
        if not self._placed:
            return None
        distances = distances_km(point, self._latitudes, self._longitudes)
        best = int(np.argmin(distances))
        return self._placed[best], float(distances[best])


class CommuneSuggestions:
    """The communes, by the words of their names and their postal codes."""

    def __init__(self, communes: Communes) -> None:
        self._communes = communes
        self._by_size = sorted(communes.all, key=lambda each: (-each.population, each.nom, each.insee))
        self._index = WordIndex(commune.indexed_words() for commune in self._by_size)
        self._numbers_by_name: dict[str, list[int]] = {}
        for number, commune in enumerate(self._by_size):
            self._numbers_by_name.setdefault(fold(commune.nom), []).append(number)

    def suggest(self, texte: str, first: int) -> list[Commune]:
        """The communes whose name or postal code begins like what was typed, largest first."""
        typed = words(texte)
        if not typed:
            return []
        full = [_SHORTENED.get(word, word) for word in typed]
        spellings = [typed] if full == typed else [typed, full]
        found = self._matching(spellings, with_mistakes=False)
        if not len(found):
            found = self._matching(spellings, with_mistakes=True)
        if len(typed) == 1 and _is_postal_code(typed[0]):
            chosen = [self._by_size[number] for number in found]
            return [each for each in chosen if not self._communes.arrondissements(each)][:first]
        namesakes = self._numbers_by_name.get(" ".join(full), [])
        return [self._by_size[number] for number in _with_namesakes(found, namesakes, first)]

    def _matching(self, spellings: Sequence[Sequence[str]], *, with_mistakes: bool) -> _Numbers:
        costs = np.minimum.reduce(
            [self._index.costs(each, with_mistakes=with_mistakes) for each in spellings]
        )
        as_written = np.flatnonzero(costs < _JOINED)
        return as_written if len(as_written) else np.flatnonzero(costs < ABSENT)


def _with_namesakes(found: _Numbers, namesakes: Sequence[int], first: int) -> list[int]:
    """The first rows; communes of exactly this name are always among them, however small.

    Y has 90 inhabitants, and nothing more can be typed to find it.
    """
    best = [int(number) for number in found[:first]]
    late = [number for number in namesakes[:first] if number not in best]
    return sorted([*best[: first - len(late)], *late])


def _is_postal_code(word: str) -> bool:
    return len(word) == _POSTAL_CODE_CHARS and word.isdigit()
