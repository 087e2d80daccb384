"""Communes: by code, by place, and the suggestion of one from what is being typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.france.geo import Point
from services.france.geo_columns import distances_km

FIRST_ARRONDISSEMENTS = {"75056": "75101", "69123": "69381", "13055": "13201"}
"""The cities that INSEE divides, and the arrondissement that partners know them by."""


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
