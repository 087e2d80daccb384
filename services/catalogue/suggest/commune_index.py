"""Communes as columns, the largest first: computed by the import, stored, and opened without work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from services.catalogue.suggest.postings import Numbers, Postings
from services.france.communes import Commune
from services.france.names import fold, words

JOINED = 1_000
"""Cost of words typed as one. It is high, so that "sainte" does not find Saint-Étienne."""


@dataclass(frozen=True, slots=True)
class CommuneIndex:
    """The entries are numbered by population, then name."""

    postings: Postings
    rows: Numbers
    """The row of each entry in the table."""
    names: list[str]
    """The folded name of each entry."""

    @classmethod
    def of(cls, communes: Sequence[Commune]) -> CommuneIndex:
        rows = sorted(range(len(communes)), key=lambda row: _largest_first(communes[row]))
        ordered = [communes[row] for row in rows]
        return cls(
            postings=Postings.of(map(_indexed_words, ordered)),
            rows=np.array(rows, dtype=np.int32),
            names=[fold(each.nom) for each in ordered],
        )


def _largest_first(commune: Commune) -> tuple[int, str, str]:
    return -commune.population, commune.nom, commune.insee


def _indexed_words(commune: Commune) -> Iterator[tuple[str, int]]:
    """The words of the name, the same words joined as if its signs were not typed, and the postal codes."""
    parts = words(commune.nom)
    joined = {"".join(parts), *(a + b for a, b in pairwise(parts) if len(a) == 1)}
    for word in {*parts, *commune.codes_postaux}:
        yield word, 0
    for word in joined:
        yield word, JOINED
