"""Job codes of France Travail's directory, the ROME."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rome:
    """A job code of France Travail's directory."""

    code: str
    libelle: str
