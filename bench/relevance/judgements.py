"""The judgements: the expected rows for typed texts, and the grade (3, 2, 1 or 0) of a row.

bench/README.md explains the rules; the files are in bench/relevance/.
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
"""Groups of prefixes. Each group must match: one of its prefixes must start a word."""


@dataclass(frozen=True, slots=True)
class MetierJudgement:
    """The jobs expected first for a text."""

    query_class: str
    texte: str
    mots: Stems
    debut: tuple[str, ...]
    """Prefixes of the name, one of which must match; "" matches any name."""
    romes: frozenset[str]
    proches: frozenset[str]

    def grade(self, libelle: str, romes: Collection[str]) -> int:
        """The grade of a suggestion.

        3: starts with the job's name, and at least half of its codes are the job's or close ones;
        2: contains the name and leads to the job; 1: leads to the job, or has the name of a close one.
        """
        expected = self.romes.intersection(romes)
        found = words(libelle)
        if not _matches(self.mots, found):
            return 1 if expected else 0
        if not expected:
            return 1 if self.proches.intersection(romes) else 0
        is_specific = 2 * len((self.romes | self.proches).intersection(romes)) >= len(romes)
        return 3 if is_specific and found[0].startswith(self.debut) else 2


@dataclass(frozen=True, slots=True)
class FormationJudgement:
    """The properties expected of the first trainings for a text."""

    query_class: str
    texte: str
    titre: Stems
    diplome: str
    """Folded words that the title must contain: "bac pro"; "" for any."""
    niveaux: frozenset[int]
    romes: frozenset[str]
    commune: str
    """Prefix of the folded name of its town; "" for any."""
    zone: str
    """INSEE code of the centre of the search, which is not part of the text; "" for France."""

    def grade(self, formation: Formation) -> int:
        """The grade of a training.

        3: title and job match; 2: the job matches; 1: the title matches. One less for another diploma,
        and one less for another town. Without a ROME code, a matching title also counts as a matching job.
        """
        found = words(formation.intitule)
        has_title = _matches(self.titre, found)
        has_job = not self.romes.isdisjoint(formation.romes) or (has_title and not formation.romes)
        base = 3 if has_title and has_job else 2 if has_job else 1 if has_title else 0
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


def _matches(stems: Stems, found: Sequence[str]) -> bool:
    return all(any(word.startswith(group) for word in found) for group in stems)


def _debut(row: dict[str, str]) -> tuple[str, ...]:
    if row["debut"] == "*":
        return ("",)
    return tuple(each for group in _stems(row["debut"] or row["mots"]) for each in group)
