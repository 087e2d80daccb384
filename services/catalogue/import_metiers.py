"""Import of the jobs: codes, names, families, and how many trainings lead to each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from services.catalogue.formation import Formation
from services.catalogue.import_places import Row
from services.catalogue.metier import Metier, Rome, is_main_name
from services.catalogue.text import fold, squeeze
from services.common.report import ImportReport
from services.common.table import BadFile

ROME_COLUMNS = ("code_rome", "libelle_rome")
APPELLATION_COLUMNS = ("code_ogr", "libelle_appellation_court", "code_rome", "classification")
ROME3_APPELLATION_COLUMNS = ("ogr_appellation", "rome_code")

_ROME = re.compile(r"[A-Z][0-9]{4}")
_MAIN = "PRINCIPALE"


def read_romes(rows: Iterable[Row], report: ImportReport) -> dict[str, Rome]:
    """The job codes with their labels."""
    romes: dict[str, Rome] = {}
    for row in rows:
        code, libelle = row["code_rome"], squeeze(row["libelle_rome"])
        if not _ROME.fullmatch(code) or not libelle:
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
    """The names of jobs, under the codes of the table of ROME codes.

    The names are of ROME 4, the codes of the catalogue of ROME 3; `rome3_codes` gives the ROME 3 code
    of most names, by their number.
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
    """The codes as jobs, found by their label and by the code itself."""
    return [Metier(rome.libelle, (rome,), is_group=True, mots_clefs=(rome.code,)) for rome in romes]


@dataclass(frozen=True)
class _Domaine:
    sous_domaine: str
    codes_romes: list[str]
    mots_clefs: str = ""
    intitules_romes: tuple[str, ...] = ()
    codes_rncps: tuple[str, ...] = ()


def read_domaines(content: Any, romes: Mapping[str, Rome], report: ImportReport) -> list[Metier]:
    """The families of jobs. Raises BadFile when the file has another shape."""
    try:
        domaines = TypeAdapter(list[_Domaine]).validate_python(content)
    except ValidationError as error:
        raise BadFile(f"domaines_metiers.json: not the expected shape ({error})") from error
    metiers = []
    for domaine in domaines:
        known = tuple(romes[code] for code in dict.fromkeys(domaine.codes_romes) if code in romes)
        libelle = squeeze(domaine.sous_domaine)
        if not known or not libelle:
            report.reject("no label, or no ROME code that exists")
            continue
        words = tuple(filter(None, map(squeeze, (*domaine.mots_clefs.split(","), *domaine.intitules_romes))))
        rncps = tuple(dict.fromkeys(domaine.codes_rncps))
        metiers.append(Metier(libelle, known, rncps, is_group=True, mots_clefs=words))
        left_out = len(known) < len(set(domaine.codes_romes))
        report.accept(["ROME codes that do not exist left out"] if left_out else [])
    return metiers


def merge_metiers(metiers: Iterable[Metier], formations: Sequence[Formation]) -> list[Metier]:
    """One row for each label, with the number of trainings that lead to any of its codes."""
    rows_of_rome: dict[str, set[int]] = {}
    for row, formation in enumerate(formations):
        for code in formation.romes:
            rows_of_rome.setdefault(code, set()).add(row)
    by_label: dict[str, list[Metier]] = {}
    for metier in metiers:
        by_label.setdefault(fold(metier.libelle), []).append(metier)
    return [_merged(same, rows_of_rome) for same in by_label.values()]


def _merged(same: Sequence[Metier], rows_of_rome: Mapping[str, set[int]]) -> Metier:
    romes = tuple(dict.fromkeys(rome for each in same for rome in each.romes))
    rows = set[int]().union(*(rows_of_rome.get(rome.code, ()) for rome in romes))
    return Metier(
        libelle=same[0].libelle,
        romes=romes,
        rncps=tuple(dict.fromkeys(rncp for each in same for rncp in each.rncps)),
        formations_count=len(rows),
        is_main=any(each.is_main for each in same),
        is_group=all(each.is_group for each in same),
        mots_clefs=tuple(dict.fromkeys(word for each in same for word in each.mots_clefs)),
    )
