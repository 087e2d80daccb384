"""Suggests communes for a text that is being typed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from services.catalogue.suggest.commune_index import JOINED, CommuneIndex
from services.catalogue.suggest.word_index import NO_MATCH, WordIndex
from services.france.codes import is_code_postal
from services.france.commune_names import in_full
from services.france.communes import Commune, Communes
from services.france.names import words

_Numbers = npt.NDArray[np.intp]


class CommuneSuggestions:
    """The communes, by the words of their names and their postal codes."""

    def __init__(self, communes: Communes, index: CommuneIndex) -> None:
        """`index` is that of the same communes, in the same order."""
        self._communes = communes
        in_order = list(communes)
        self._by_size = [in_order[row] for row in index.rows.tolist()]
        self._index = WordIndex(index.postings)
        self._numbers_by_name: dict[str, list[int]] = {}
        for number, name in enumerate(index.names):
            self._numbers_by_name.setdefault(name, []).append(number)

    def suggest(self, texte: str, first: int) -> list[Commune]:
        """The communes whose name or postal code begins like what was typed, largest first."""
        typed = words(texte)
        if not typed:
            return []
        full = in_full(typed)
        spellings = [typed] if full == typed else [typed, full]
        found = self._matching(spellings, with_mistakes=False)
        if not len(found):
            found = self._matching(spellings, with_mistakes=True)
        if len(typed) == 1 and is_code_postal(typed[0]):
            chosen = [self._by_size[number] for number in found]
            return [each for each in chosen if not self._communes.arrondissements(each)][:first]
        namesakes = self._numbers_by_name.get(" ".join(full), [])
        return [self._by_size[number] for number in _with_namesakes(found, namesakes, first)]

    def _matching(self, spellings: Sequence[Sequence[str]], *, with_mistakes: bool) -> _Numbers:
        costs = np.minimum.reduce(
            [self._index.costs(each, with_mistakes=with_mistakes) for each in spellings]
        )
        as_written = np.flatnonzero(costs < JOINED)
        return as_written if len(as_written) else np.flatnonzero(costs < NO_MATCH)


def _with_namesakes(found: _Numbers, namesakes: Sequence[int], first: int) -> list[int]:
    """The first rows, with all communes of exactly this name, however small.

    For example Y, which has 90 inhabitants: a person can type nothing more to find it.
    """
    best = [int(number) for number in found[:first]]
    late = [number for number in namesakes[:first] if number not in best]
    return sorted([*best[: first - len(late)], *late])
