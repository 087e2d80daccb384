"""Imports the jobs: their codes, names and families, with the number of trainings that lead to each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from services.catalogue.formation import Formation
from services.catalogue.importing.places import Row
from services.catalogue.rome import Rome
from services.catalogue.suggest.diplome import diplome_kinds
from services.catalogue.suggest.metier import Metier, is_main_name
from services.catalogue.text.analyser import Analyser, stem, words
from services.common.report import ImportReport
from services.common.table import BadFile
from services.france.codes import is_rome
from services.france.names import fold, squeeze

ROME_COLUMNS = ("code_rome", "libelle_rome")
APPELLATION_COLUMNS = ("code_ogr", "libelle_appellation_court", "code_rome", "classification")
ROME3_APPELLATION_COLUMNS = ("ogr_appellation", "rome_code")

_MAIN = "PRINCIPALE"

_LONG_NAME = re.compile(r"(?P<general>[\w-]+ / [\w-]+) .+")
_MIN_LONG_NAMES = 5
_MAX_GENERAL_ROMES = 5
_MIN_COVERED_SHARE = 0.7

_MAX_RNCPS = 20
_MAX_ROMES = 15
"""Limit on the codes of a title, by frequency: the others belong to few of its trainings."""


def read_romes(rows: Iterable[Row], report: ImportReport) -> dict[str, Rome]:
    """The ROME codes with their labels."""
    romes: dict[str, Rome] = {}
    for row in rows:
        code, libelle = row["code_rome"], squeeze(row["libelle_rome"])
        if not is_rome(code) or not libelle:
            report.reject("not a ROME code, or no label")
        elif code in romes:
            report.reject("ROME code seen already")
        else:
            romes[code] = Rome(code, libelle)
            report.accept()
    return romes


def read_appellations(
    rows: Iterable[Row], rome3_codes: Mapping[str, str], romes: Mapping[str, Rome], report: ImportReport
) -> list[Metier]:
    """The names of jobs, with their codes in `romes`.

    The names come from ROME 4, but the catalogue uses ROME 3. `rome3_codes` maps the number of most
    names to their ROME 3 code.
    """
    metiers = []
    for row in rows:
        libelle = squeeze(row["libelle_appellation_court"])
        code = rome3_codes.get(row["code_ogr"], row["code_rome"])
        if not libelle:
            report.reject("no label")
        elif code not in romes:
            report.reject("ROME 4 code without a known equivalent in ROME 3")
        else:
            is_main = row["classification"] == _MAIN or is_main_name(libelle)
            metiers.append(Metier(libelle, (romes[code],), is_main=is_main))
            report.accept([] if code == row["code_rome"] else ["ROME 4 code replaced by its ROME 3 code"])
    return metiers


def rome_metiers(romes: Iterable[Rome]) -> list[Metier]:
    """The ROME codes as jobs, to be found by their label and by the code itself."""
    return [Metier(rome.libelle, (rome,), is_group=True, mots_clefs=(rome.code,)) for rome in romes]


@dataclass(frozen=True)
class _Domaine:
    sous_domaine: str
    codes_romes: list[str]
    mots_clefs: str = ""
    intitules_romes: tuple[str, ...] = ()
    codes_rncps: tuple[str, ...] = ()


def read_domaines(content: Any, romes: Mapping[str, Rome], report: ImportReport) -> list[Metier]:
    """The families of jobs. Raises BadFile when the content does not have the expected shape."""
    try:
        domaines = TypeAdapter(list[_Domaine]).validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise BadFile(f"domaines_metiers.json: not the expected shape ({where}: {first['msg']})") from error
    metiers = []
    for number, domaine in enumerate(domaines, start=1):
        report.set_position(number, domaine.sous_domaine)
        known = tuple(romes[code] for code in dict.fromkeys(domaine.codes_romes) if code in romes)
        libelle = squeeze(domaine.sous_domaine)
        if not known or not libelle:
            report.reject("no label, or no ROME code that exists")
            continue
        others = tuple(filter(None, map(squeeze, (*domaine.mots_clefs.split(","), *domaine.intitules_romes))))
        rncps = tuple(dict.fromkeys(domaine.codes_rncps))
        metiers.append(Metier(libelle, known, rncps, is_group=True, mots_clefs=others))
        left_out = len(known) < len(set(domaine.codes_romes))
        report.accept(["ROME codes that do not exist left out"] if left_out else [])
    return metiers


def merge_metiers(metiers: Iterable[Metier], formations: Sequence[Formation]) -> list[Metier]:
    """Merge the jobs with the same label, and add the count and the RNCP codes of their trainings."""
    rows_of_rome: dict[str, set[int]] = {}
    for row, formation in enumerate(formations):
        for code in formation.romes:
            rows_of_rome.setdefault(code, set()).add(row)
    by_label: dict[str, list[Metier]] = {}
    for metier in metiers:
        by_label.setdefault(fold(metier.libelle), []).append(metier)

    @cache
    def count_trainings(codes: frozenset[str]) -> tuple[int, tuple[str, ...]]:
        rows = set[int]().union(*(rows_of_rome.get(code, ()) for code in codes))
        return len(rows), _most_frequent(formations[row].rncp for row in rows)

    return [_merge(same, count_trainings) for same in by_label.values()]


def _merge(
    same: Sequence[Metier], count_trainings: Callable[[frozenset[str]], tuple[int, tuple[str, ...]]]
) -> Metier:
    romes = tuple(dict.fromkeys(rome for each in same for rome in each.romes))
    count, rncps = count_trainings(frozenset(rome.code for rome in romes))
    listed = (rncp for each in same for rncp in each.rncps)
    return Metier(
        libelle=same[0].libelle,
        romes=romes,
        rncps=tuple(dict.fromkeys((*rncps, *listed)))[:_MAX_RNCPS],
        formations_count=count,
        is_main=any(each.is_main for each in same),
        is_group=all(each.is_group for each in same),
        mots_clefs=tuple(dict.fromkeys(word for each in same for word in each.mots_clefs)),
    )


def general_metiers(metiers: Iterable[Metier], formations: Sequence[Formation]) -> list[Metier]:
    """Short names that the directory only has inside longer names.

    "Vendeur / Vendeuse" comes from 147 longer names. A name spread over too many codes, such as
    "Agent / Agente", is too vague and is left out.
    """
    metiers = list(metiers)
    known = {fold(metier.libelle) for metier in metiers}
    romes_by_name: dict[str, list[Rome]] = {}
    for metier in metiers:
        match = _LONG_NAME.fullmatch(metier.libelle)
        if match and not metier.is_group and fold(match["general"]) not in known:
            romes_by_name.setdefault(match["general"], []).extend(metier.romes)
    romes_by_stem = _romes_by_stem(formations)
    trainings = Counter(code for formation in formations for code in formation.romes)
    found = []
    for name, romes in romes_by_name.items():
        long_names, titles = Counter(romes), romes_by_stem.get(stem(fold(name.split(" /")[0])), Counter())
        usual = long_names.most_common(_MAX_GENERAL_ROMES)
        covered = sum(count for _, count in usual)
        if len(romes) < _MIN_LONG_NAMES or covered < _MIN_COVERED_SHARE * len(romes):
            continue
        usual.sort(key=lambda each: (-titles[each[0].code], -trainings[each[0].code], each[0].code))
        found.append(Metier(name, tuple(rome for rome, _ in usual), is_main=True))
    return found


def _romes_by_stem(formations: Iterable[Formation]) -> dict[str, Counter[str]]:
    """Counts the ROME codes of the trainings, by each stem in their titles."""
    found: dict[str, Counter[str]] = {}
    for formation in formations:
        for word in set(words(formation.intitule)):
            found.setdefault(stem(word), Counter()).update(formation.romes)
    return found


def read_diplomes(formations: Iterable[Formation], romes: Mapping[str, Rome]) -> list[Metier]:
    """The distinct titles of the trainings, without those that lead to no known job."""
    by_title: dict[str, list[Formation]] = {}
    for formation in formations:
        by_title.setdefault(fold(formation.intitule), []).append(formation)
    analyser = Analyser()
    found = []
    for same in by_title.values():
        intitule = same[0].intitule
        codes = _most_frequent(code for each in same for code in each.romes)
        kinds = {kind: None for each in same for kind in diplome_kinds(each.intitule, each.diplome)}
        if codes:
            found.append(
                Metier(
                    libelle=intitule,
                    romes=tuple(romes[code] for code in codes[:_MAX_ROMES]),
                    rncps=_most_frequent(each.rncp for each in same)[:_MAX_RNCPS],
                    formations_count=len(same),
                    diplome=True,
                    diplome_kinds=tuple(kinds),
                    acronymes=tuple(sorted(analyser.acronyms(intitule))),
                )
            )
    return found


def _most_frequent(values: Iterable[str | None]) -> tuple[str, ...]:
    """The distinct values, most frequent first; equal counts are in alphabetical order."""
    counts = Counter(value for value in values if value is not None)
    return tuple(sorted(counts, key=lambda value: (-counts[value], value)))
