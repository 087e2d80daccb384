"""Applies the refinements of a search to columns in memory, and counts its facets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from services.catalogue.criteria import MAX_DIPLOMES, WITHIN_KM, Facets, FormationCriteria, Refinements
from services.catalogue.engine.distance import padded_radius_km
from services.catalogue.engine.tantivy.columns import (
    Columns,
    Flags,
    MultiValueColumn,
    Rows,
    SingleValueColumn,
)
from services.catalogue.engine.tantivy.order import FoundRows
from services.catalogue.formation import NIVEAUX

_DISTANCES = "distances"


class Refinement:
    """The rows found before the refinements, with a flag per row for each refinement that it meets."""

    def __init__(self, found: FoundRows, criteria: FormationCriteria) -> None:
        self._found = found
        self._kept = dict(_kept(found.columns, found.rows, criteria.refinements))
        zone = criteria.zone
        if zone.origin is not None and zone.rayon_km is not None:
            self._kept[_DISTANCES] = found.within(zone.rayon_km)

    def matching(self) -> FoundRows:
        """The rows that meet all refinements."""
        return self._without_filter("")

    def at_any_distance(self) -> FoundRows:
        """The rows that meet all refinements except the radius."""
        return self._without_filter(_DISTANCES)

    def facets(self, today: str) -> Facets:
        """Each facet, counted over the rows that meet all refinements except its own."""
        columns = self._found.columns
        mois = _counts_by_name(columns.mois, self._without_filter("mois").rows)
        return Facets(
            niveaux=self._niveaux(),
            diplomes=self._most_frequent("diplomes", columns.diplomes)[:MAX_DIPLOMES],
            domaines=self._most_frequent("domaines", columns.domaines),
            departements=self._most_frequent("departements", columns.departements),
            mois=tuple((month, count) for month, count in mois if month >= today),
            qualiopi=int(columns.qualiopi[self._without_filter("qualiopi").rows].sum()),
            distances=self._distances(),
        )

    def _without_filter(self, name: str) -> FoundRows:
        flags = [kept for own, kept in self._kept.items() if own != name]
        return self._found.where(np.logical_and.reduce(flags)) if flags else self._found

    def _niveaux(self) -> tuple[tuple[int, int], ...]:
        rows = self._without_filter("niveaux").rows
        counts = np.bincount(self._found.columns.niveaux[rows], minlength=max(NIVEAUX) + 1)
        return tuple((niveau, int(counts[niveau])) for niveau in NIVEAUX if counts[niveau])

    def _most_frequent(
        self, name: str, column: SingleValueColumn | MultiValueColumn
    ) -> tuple[tuple[str, int], ...]:
        counts = _counts_by_name(column, self._without_filter(name).rows)
        # Names ascend, and the stable sort keeps that order among equal counts.
        return tuple(sorted(counts, key=lambda pair: -pair[1]))

    def _distances(self) -> tuple[tuple[int, int], ...]:
        found = self._without_filter(_DISTANCES)
        if found.distances is None:
            return ()
        radii = [padded_radius_km(within) for within in WITHIN_KM]
        ascending = np.sort(found.distances[found.distances <= radii[-1]])
        counts = np.searchsorted(ascending, radii, side="right")
        return tuple((within, int(count)) for within, count in zip(WITHIN_KM, counts, strict=True))


def _kept(columns: Columns, rows: Rows, refinements: Refinements) -> Mapping[str, Flags]:
    kept: dict[str, Flags] = {}
    filters: Sequence[tuple[str, SingleValueColumn | MultiValueColumn, frozenset[str]]] = (
        ("diplomes", columns.diplomes, refinements.diplomes),
        ("domaines", columns.domaines, refinements.domaines),
        ("departements", columns.departements, refinements.departements),
        ("mois", columns.mois, refinements.mois),
    )
    for name, column, wanted in filters:
        if wanted:
            kept[name] = column.has_any(rows, wanted)
    if refinements.niveaux:
        kept["niveaux"] = np.isin(columns.niveaux[rows], sorted(refinements.niveaux))
    if refinements.qualiopi is not None:
        kept["qualiopi"] = columns.qualiopi[rows] == refinements.qualiopi
    return kept


def _counts_by_name(column: SingleValueColumn | MultiValueColumn, rows: Rows) -> tuple[tuple[str, int], ...]:
    counts: npt.NDArray[np.int64] = column.counts(rows)
    return tuple((column.names[code], int(counts[code])) for code in np.flatnonzero(counts).tolist())
