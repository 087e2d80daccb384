"""Reads the table of communes of the open data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from services.common.report import ImportConsole, ImportReport
from services.common.table import BadFile, read_rows, split_codes
from services.common.texts import whole_number
from services.france.codes import departement_of, is_insee
from services.france.communes import Commune, Communes
from services.france.lieu import read_point

_NAME = "communes.csv"
_COLUMNS = (
    *("code_insee", "nom", "commune_parente", "codes_postaux", "population"),
    *("dep_code", "dep_nom", "reg_code", "reg_nom", "latitude", "longitude", "anciens_codes"),
)


def import_communes(data: Path, report: ImportReport, console: ImportConsole) -> Communes:
    """The table of a data folder. Raises BadFile if it can't be read, or has no commune with coordinates."""
    communes = read_communes(console.track(read_rows(data, _NAME, _COLUMNS), _NAME), report)
    if not any(each.point for each in communes):
        raise BadFile(f"{data / _NAME}: no commune with coordinates could be read")
    return Communes(communes)


def read_communes(rows: Iterable[tuple[int, Mapping[str, str]]], report: ImportReport) -> list[Commune]:
    """The communes of the rows, given with their line numbers. A repeated code is rejected."""
    communes: dict[str, Commune] = {}
    for line, row in rows:
        insee = row["code_insee"]
        report.set_position(line, insee)
        if not is_insee(insee) or not row["nom"]:
            report.reject("no INSEE code or no name")
        elif insee in communes:
            report.reject("INSEE code seen already")
        else:
            communes[insee] = _commune(row)
            report.accept(_corrections(row, communes[insee]))
    return list(communes.values())


def _commune(row: Mapping[str, str]) -> Commune:
    return Commune(
        insee=row["code_insee"],
        nom=row["nom"],
        departement=row["dep_code"] or departement_of(row["code_insee"]),
        departement_nom=row["dep_nom"],
        region=row["reg_code"],
        region_nom=row["reg_nom"],
        codes_postaux=split_codes(row["codes_postaux"]),
        population=whole_number(row["population"]) or 0,
        point=read_point(row),
        commune_parente=row["commune_parente"] or None,
        anciens_codes=split_codes(row["anciens_codes"]),
    )


def _corrections(row: Mapping[str, str], commune: Commune) -> list[str]:
    corrections = ["no population: taken as 0"] if whole_number(row["population"]) is None else []
    if commune.point is None:
        corrections.append("without coordinates: no circle around it")
    return corrections
