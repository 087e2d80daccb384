"""Refinements of a search over columns in memory, and the facets that are counted without their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from services.catalogue.criteria import MAX_DIPLOMES, WITHIN_KM, Facets, FormationCriteria, Refinements
from services.catalogue.engine.distance import reach_km
from services.catalogue.engine.tantivy.columns import Columns, Flags, OneOf, Rows, SomeOf
from services.catalogue.engine.tantivy.order import Found
from services.catalogue.formation import NIVEAUX

_DISTANCES = "distances"


class Refined:
    """Rows of a search before its refinements, and which of them each refinement keeps."""

    def __init__(self, found: Found, criteria: FormationCriteria) -> None:
        self._found = found
        self._kept = dict(_kept(found.columns, found.rows, criteria.refinements))
        zone = criteria.zone
        if zone.origin is not None and zone.rayon_km is not None:
            self._kept[_DISTANCES] = found.within(zone.rayon_km)

    def found(self) -> Found:
        """The rows that all of them keep."""
        return self._but("")

    def anywhere(self) -> Found:
        """The rows that all of them keep, the radius left aside."""
        return self._but(_DISTANCES)

    def facets(self, today: str) -> Facets:
        """Each counted over the rows that all refinements but its own keep."""
        columns = self._found.columns
        mois = _named(columns.mois, self._but("mois").rows)
        return Facets(
            niveaux=self._niveaux(),
            diplomes=_most_frequent(_named(columns.diplomes, self._but("diplomes").rows))[:MAX_DIPLOMES],
            domaines=_most_frequent(_named(columns.domaines, self._but("domaines").rows)),
            departements=_most_frequent(_named(columns.departements, self._but("departements").rows)),
            mois=tuple((month, count) for month, count in mois if month >= today),
            qualiopi=int(columns.qualiopi[self._but("qualiopi").rows].sum()),
            distances=self._distances(),
        )

    def _but(self, name: str) -> Found:
        flags = [kept for own, kept in self._kept.items() if own != name]
        return self._found.where(np.logical_and.reduce(flags)) if flags else self._found

    def _niveaux(self) -> tuple[tuple[int, int], ...]:
        counts = np.bincount(
            self._found.columns.niveaux[self._but("niveaux").rows], minlength=max(NIVEAUX) + 1
        )
        return tuple((niveau, int(counts[niveau])) for niveau in NIVEAUX if counts[niveau])

    def _distances(self) -> tuple[tuple[int, int], ...]:
        found = self._but(_DISTANCES)
        if found.distances is None:
            return ()
        reaches = [reach_km(within) for within in WITHIN_KM]
        ascending = np.sort(found.distances[found.distances <= reaches[-1]])
        counts = np.searchsorted(ascending, reaches, side="right")
        return tuple((within, int(count)) for within, count in zip(WITHIN_KM, counts, strict=True))


def _kept(columns: Columns, rows: Rows, refinements: Refinements) -> Mapping[str, Flags]:
    kept: dict[str, Flags] = {}
    named: Sequence[tuple[str, OneOf | SomeOf, frozenset[str]]] = (
        ("diplomes", columns.diplomes, refinements.diplomes),
        ("domaines", columns.domaines, refinements.domaines),
        ("departements", columns.departements, refinements.departements),
        ("mois", columns.mois, refinements.mois),
    )
    for name, column, wanted in named:
        if wanted:
            kept[name] = column.holds(rows, wanted)
    if refinements.niveaux:
        kept["niveaux"] = np.isin(columns.niveaux[rows], sorted(refinements.niveaux))
    if refinements.qualiopi is not None:
        kept["qualiopi"] = columns.qualiopi[rows] == refinements.qualiopi
    return kept


def _named(column: OneOf | SomeOf, rows: Rows) -> tuple[tuple[str, int], ...]:
    counts: npt.NDArray[np.int64] = column.counts(rows)
    return tuple((column.names[number], int(counts[number])) for number in np.flatnonzero(counts).tolist())


def _most_frequent(named: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    # Names ascend, and the sort keeps that among those as frequent.
    return tuple(sorted(named, key=lambda pair: -pair[1]))
