"""A training organisation, and the address of anything."""

from __future__ import annotations

from dataclasses import dataclass

from services.france.geo import Point


@dataclass(frozen=True, slots=True)
class Lieu:
    """An address in France."""

    adresse: str | None = None
    code_postal: str | None = None
    insee: str | None = None
    commune: str | None = None
    departement: str | None = None
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Etablissement:
    """A training organisation (CFA) at one address."""

    siret: str
    raison_sociale: str
    uai: str | None = None
    enseigne: str | None = None
    lieu: Lieu | None = None
    qualiopi: bool | None = None
    onisep_url: str | None = None
    """Its page at Onisep."""
