"""Organisations that teach: listed in their table, or named only by rows of trainings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from services.catalogue.etablissement import Etablissement
from services.catalogue.formation import Formation
from services.catalogue.importing.places import Row
from services.common.texts import Kind, mend_text
from services.france.codes import is_uai


class Formateurs:
    """The organisations read so far, by SIRET."""

    def __init__(self, listed: Mapping[str, Etablissement]) -> None:
        self._listed = listed
        self._unlisted: dict[str, Etablissement] = {}

    def read(self, row: Row, siret: str, corrections: list[str]) -> Etablissement:
        """The organisation of a row of trainings."""
        listed = self._listed.get(siret)
        if listed:
            return listed
        given = row["formateur_raison_sociale"] or row["formateur_nom"]
        name = mend_text(given, Kind.LABEL, corrections)
        if not name:
            corrections.append(
                "organisation not listed and without a name: that of another row, or its SIRET"
            )
        enseigne = mend_text(row["formateur_nom"], Kind.LABEL, corrections)
        stand_in = f"Organisme de formation (SIRET {siret})"
        found = Etablissement(
            siret=siret,
            raison_sociale=name or stand_in,
            uai=row["formateur_uai"] if is_uai(row["formateur_uai"]) else None,
            enseigne=enseigne if enseigne and enseigne != name else None,
        )
        if self._unlisted.setdefault(siret, found).raison_sociale == stand_in:
            self._unlisted[siret] = found
        return found

    def with_formateur(self, formation: Formation) -> Formation:
        """The training with the same organisation as other trainings; call it when all rows are read.

        Rows name the same organisation differently, or not at all: all trainings get the first name.
        """
        own = formation.etablissement
        formateur = self._unlisted.get(own.siret, own)
        gestionnaire = formateur if formation.gestionnaire == own else formation.gestionnaire
        return replace(formation, etablissement=formateur, gestionnaire=gestionnaire)
