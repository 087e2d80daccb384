"""Reads the public facts behind the demonstration set: small extracts of open data.

Sources, under the Licence Ouverte: INSEE and La Poste (communes), France Travail (ROME, hirings by NAF),
BCN and France competences (diplomas, OPCO), INSEE (NAF). The table of jobs comes from
mission-apprentissage (MIT). Only the column `enseigne` of naf.csv was written for this project.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

Row = dict[str, str]

FOLDER = Path(__file__).parent / "facts"


@dataclass(frozen=True, slots=True)
class Place:
    """A commune or an arrondissement where the demonstration puts trainings and employers."""

    insee: str
    nom: str
    codes_postaux: tuple[str, ...]
    population: int
    departement: str
    departement_nom: str
    region: str
    region_nom: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Diplome:
    """A diploma prepared by apprenticeship; `famille` groups the diplomas that one CFA teaches together."""

    famille: str
    cfd: str
    rncp: str
    intitule: str
    intitule_rncp: str
    diplome: str
    niveau: str
    romes: tuple[str, ...]


class Facts:
    """The tables of facts."""

    @staticmethod
    def rows(name: str) -> list[Row]:
        with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    @cached_property
    def places(self) -> list[Place]:
        """The places by descending population. Arrondissements replace the commune that they divide."""
        communes = self.rows("communes.csv")
        split = {row["commune_parente"] for row in communes}
        places = [_place(row) for row in communes if row["code_insee"] not in split]
        return sorted(places, key=lambda place: (-place.population, place.insee))

    @cached_property
    def diplomes(self) -> dict[str, list[Diplome]]:
        """The diplomas of each family, the most common first."""
        families: dict[str, list[Diplome]] = defaultdict(list)
        for row in self.rows("diplomes.csv"):
            families[row["famille"]].append(_diplome(row))
        return dict(families)


def _place(row: Row) -> Place:
    return Place(
        insee=row["code_insee"],
        nom=row["nom"],
        codes_postaux=tuple(row["codes_postaux"].split("|")),
        population=int(row["population"]),
        departement=row["dep_code"],
        departement_nom=row["dep_nom"],
        region=row["reg_code"],
        region_nom=row["reg_nom"],
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
    )


def _diplome(row: Row) -> Diplome:
    return Diplome(
        famille=row["famille"],
        cfd=row["cfd"],
        rncp=row["rncp"],
        intitule=row["intitule"],
        intitule_rncp=row["intitule_rncp"],
        diplome=row["diplome"],
        niveau=row["niveau_eu"],
        romes=tuple(row["romes"].split("|")),
    )
