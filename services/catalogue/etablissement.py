"""A training organisation."""

from __future__ import annotations

from dataclasses import dataclass

from services.france.lieu import Lieu


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
