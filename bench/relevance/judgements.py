"""What a person who types something wants to see first, and how good a row is for them: 3, 2, 1 or 0.

The rules are explained in bench/README.md; the files are in bench/relevance/.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.catalogue.formation import Formation
from services.france.names import fold, words

_FOLDER = Path(__file__).parent

Stems = tuple[tuple[str, ...], ...]
"""All must be met, each by a word that begins with one of its alternatives."""


@dataclass(frozen=True, slots=True)
class MetierJudgement:
    """The jobs that must come first for a text."""

    query_class: str
    texte: str
    mots: Stems
    debut: tuple[str, ...]
    """How the name must begin, any of them; "" is any name."""
    romes: frozenset[str]
    proches: frozenset[str]

    def grade(self, libelle: str, romes: Collection[str]) -> int:
        """3: names the job first and is about it; 2: names it; 1: leads to it, or to a close one."""
        wanted = self.romes.intersection(romes)
        found = words(libelle)
        if not _says(self.mots, found):
            return 1 if wanted else 0
        if not wanted:
            return 1 if self.proches.intersection(romes) else 0
        about_it = 2 * len((self.romes | self.proches).intersection(romes)) >= len(romes)
        return 3 if about_it and found[0].startswith(self.debut) else 2


@dataclass(frozen=True, slots=True)
class FormationJudgement:
    """What the first trainings for a text must be."""

    query_class: str
    texte: str
    titre: Stems
    diplome: str
    """Folded words of the title: "bac pro"; "" for any."""
    niveaux: frozenset[int]
    romes: frozenset[str]
    commune: str
    """How the folded name of its town begins; "" for any."""
    zone: str
    """INSEE code of the town that the search is around, which is not part of the text; "" for France."""

    def grade(self, formation: Formation) -> int:
        """3: title and job; 2: job; 1: title. One less for another diploma, and for another town.

        Where the catalogue knows no job, the title is believed.
        """
        found = words(formation.intitule)
        titled = _says(self.titre, found)
        leads_to = not self.romes.isdisjoint(formation.romes) or (titled and not formation.romes)
        base = 3 if titled and leads_to else 2 if leads_to else 1 if titled else 0
        other_diploma = not self._is_diploma(formation, found)
        other_town = not fold(formation.lieu.commune or "").startswith(self.commune)
        return max(0, base - other_diploma - other_town)

    def _is_diploma(self, formation: Formation, found: Sequence[str]) -> bool:
        if self.niveaux and formation.niveau not in self.niveaux:
            return False
        return not self.diplome or f" {self.diplome} " in f" {' '.join(found)} "


def read_metier_judgements() -> list[MetierJudgement]:
    return [
        MetierJudgement(
            query_class=row["class"],
            texte=row["texte"],
            mots=_stems(row["mots"]),
            debut=_debut(row),
            romes=frozenset(row["romes"].split()),
            proches=frozenset(row["proches"].split()),
        )
        for row in _rows("metiers.csv")
    ]


def read_formation_judgements() -> list[FormationJudgement]:
    return [
        FormationJudgement(
            query_class=row["class"],
            texte=row["texte"],
            titre=_stems(row["titre"]),
            diplome=fold(row["diplome"]),
            niveaux=frozenset(int(niveau) for niveau in row["niveau"].split("|") if niveau),
            romes=frozenset(row["romes"].split()),
            commune=row["commune"],
            zone=row["zone"],
        )
        for row in _rows("formations.csv")
    ]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _stems(cell: str) -> Stems:
    return tuple(tuple(group.split("|")) for group in cell.split())


def _says(stems: Stems, found: Sequence[str]) -> bool:
    return all(any(word.startswith(group) for word in found) for group in stems)


def _debut(row: dict[str, str]) -> tuple[str, ...]:
    if row["debut"] == "*":
        return ("",)
    return tuple(each for group in _stems(row["debut"] or row["mots"]) for each in group)
