"""An apprenticeship offer, what a search asks of it, and the order it comes in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from services.france.geo import Point, Zone, distance_km
from services.france.lieu import Lieu

SortKey = tuple[float, str]
"""Number to sort on, infinite where it is unknown, then the id."""


class ContratType(Enum):
    """The two contracts of the French alternance."""

    APPRENTISSAGE = "apprentissage"
    PROFESSIONNALISATION = "professionnalisation"


class Sort(Enum):
    """Order of the rows."""

    DISTANCE = "distance"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Entreprise:
    """The employer, as far as it names itself."""

    nom: str | None = None
    siret: str | None = None
    description: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Contrat:
    """The contract offered."""

    type: ContratType | None = None
    libelle: str | None = None
    duree_travail: str | None = None


@dataclass(frozen=True, slots=True)
class Offre:
    """One published offer."""

    id: str
    intitule: str
    description: str | None = None
    rome: str | None = None
    rome_libelle: str | None = None
    appellation: str | None = None
    entreprise: Entreprise = field(default_factory=Entreprise)
    contrat: Contrat = field(default_factory=Contrat)
    lieu: Lieu = field(default_factory=Lieu)
    """Where the work is; without a point when nobody says better than the departement."""
    publiee_le: datetime | None = None
    actualisee_le: datetime | None = None
    url: str | None = None
    nombre_postes: int | None = None
    niveaux: frozenset[int] = frozenset()
    """Levels of diploma (3 to 7) that it asks for; empty when it names none."""
    fictive: bool = False


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a search asks for."""

    romes: frozenset[str]
    zone: Zone
    sort: Sort
    niveau: int | None = None
    origin_departement: str | None = None
    """Departement of the commune at the zone's origin."""

    def accepts(self, offre: Offre, distance: float | None) -> bool:
        """Whether an offer, `distance` kilometres away, is one of those asked for."""
        if offre.rome is not None and offre.rome not in self.romes:
            return False
        if self.niveau is not None and offre.niveaux and self.niveau not in offre.niveaux:
            return False
        if self.zone.communes:
            return offre.lieu.insee in self.zone.communes
        if self.zone.departements:
            return offre.lieu.departement in self.zone.departements
        return self._reaches(offre, distance)

    def _reaches(self, offre: Offre, distance: float | None) -> bool:
        if self.zone.rayon_km is None:
            return True
        if distance is not None:
            return distance <= self.zone.rayon_km
        # Known by its departement only ("75 - Paris (Dept.)"): worth showing, last, to who searches there.
        return offre.lieu.departement is not None and offre.lieu.departement == self.origin_departement


@dataclass(frozen=True, slots=True)
class Row:
    """An offer found, with where it stands in the order of its search."""

    offre: Offre
    distance_km: float | None
    key: SortKey


def select(offres: Mapping[str, Offre], criteria: Criteria) -> list[Row]:
    """The offers that meet every criterion, in order."""
    rows = []
    for offre in offres.values():
        distance = _distance(offre, criteria.zone.origin)
        if criteria.accepts(offre, distance):
            rows.append(Row(offre, distance, (_rank(offre, distance, criteria), offre.id)))
    rows.sort(key=lambda row: row.key)
    return rows


def _distance(offre: Offre, origin: Point | None) -> float | None:
    if origin is None or offre.lieu.point is None:
        return None
    return distance_km(origin, offre.lieu.point)


def _rank(offre: Offre, distance: float | None, criteria: Criteria) -> float:
    if criteria.sort is Sort.DISTANCE and criteria.zone.origin is not None:
        return math.inf if distance is None else distance
    return math.inf if offre.publiee_le is None else -offre.publiee_le.timestamp()
