"""Apprenticeship offers, the criteria of a search, and the order of its rows."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from services.france.geo import Point, Zone, distance_km
from services.france.lieu import Lieu

SortKey = tuple[float, str]
"""The number to sort by, infinite if unknown, then the id."""


_OFFRE_ID = re.compile(r"(?=[A-Z]*[0-9])[0-9A-Z]{1,12}")


def has_offre_form(offre_id: str) -> bool:
    """Whether the partner can have an offer with this id: digits and capitals from A to Z, a digit at least.

    The documentation of France Travail gives no form, but the example "048KLTP". All ids seen are three
    digits and four letters, or seven digits ("5916934", an offer of its partners). The length is lenient:
    https://francetravail.io/produits-partages/catalogue/offres-emploi/documentation.
    """
    return _OFFRE_ID.fullmatch(offre_id) is not None


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
    """The employer; unknown parts are None."""

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
    """The workplace; without a point if only the departement is known."""
    publiee_le: datetime | None = None
    actualisee_le: datetime | None = None
    url: str | None = None
    nombre_postes: int | None = None
    niveaux: frozenset[int] = frozenset()
    """Required levels of diploma, from 3 to 7; empty if the offer names none."""
    fictive: bool = False


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria of a search."""

    romes: frozenset[str]
    zone: Zone
    sort: Sort
    niveau: int | None = None
    origin_departement: str | None = None
    """Departement of the commune at the zone's origin."""

    def accepts(self, offre: Offre, distance: float | None) -> bool:
        """Whether an offer at `distance` kilometres meets the criteria."""
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
        # Only its departement is known ("75 - Paris (Dept.)"): it is shown last to people who search there.
        return offre.lieu.departement is not None and offre.lieu.departement == self.origin_departement


@dataclass(frozen=True, slots=True)
class Row:
    """An offer found, with its distance and its sort key."""

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
