"""Reads and corrects the open files on employers and sectors, and reports rejected rows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.common.report import ImportConsole, ImportReport
from services.common.table import read_rows
from services.common.texts import Kind, mend_text, whole_number
from services.france.codes import is_siret, normal_naf
from services.france.communes import Communes
from services.france.geo import Point
from services.france.importing import import_communes
from services.france.lieu import LIEU_COLUMNS, read_lieu
from services.france.mending import mend_lieu
from services.prediction.features import TRANCHES

COLUMNS = ("siret", "raison_sociale", "enseigne", "naf", "tranche_effectif", *LIEU_COLUMNS)

_NO_NAME = frozenset({"SANS ENSEIGNE USUELLE", "NON RENSEIGNE", "NON RENSEIGNÉ", "[ND]", "INCONNU"})
"""Placeholders for unknown names in the files."""


@dataclass(frozen=True, slots=True)
class EmployerRow:
    """An accepted employer; an empty text is unknown."""

    siret: str
    raison_sociale: str
    enseigne: str
    naf: str
    tranche_effectif: str
    adresse: str
    code_postal: str
    insee: str
    commune: str
    departement: str
    point: Point


@dataclass(frozen=True)
class Sectors:
    """The NAF codes, and the jobs that each sector hires for."""

    libelles: Mapping[str, str]
    rome_libelles: Mapping[str, str]
    job_hirings: Mapping[tuple[str, str], int]
    """Hirings of each (rome, naf)."""

    def jobs_by_naf(self) -> dict[str, dict[str, int]]:
        jobs: dict[str, dict[str, int]] = defaultdict(dict)
        for (rome, naf), hirings in self.job_hirings.items():
            jobs[naf][rome] = hirings
        return jobs


class Rejected(Exception):
    """The row is rejected; the message is the reason."""


def read_sectors(data: Path, console: ImportConsole) -> Sectors:
    libelles = {
        row["code"]: row["libelle"] for _, row in read_rows(data, "naf.csv", ("code", "libelle"), ";")
    }
    report = ImportReport("naf_rome_embauches")
    rome_libelles: dict[str, str] = {}
    job_hirings: dict[tuple[str, str], int] = {}
    columns = ("rome_id", "rome_label", "naf_id", "hirings")
    for _, row in console.track(read_rows(data, "naf_rome_embauches.csv", columns), "jobs of sectors"):
        pair = (row["rome_id"], row["naf_id"])
        hirings = whole_number(row["hirings"])
        if not hirings:
            report.reject("no hirings")
        elif pair in job_hirings:
            report.reject("pair seen before")
        else:
            report.accept()
            job_hirings[pair] = hirings
            rome_libelles[row["rome_id"]] = row["rome_label"]
    console.show(report)
    return Sectors(libelles, rome_libelles, job_hirings)


def read_employers(
    data: Path, nafs: Mapping[str, str], console: ImportConsole
) -> tuple[list[EmployerRow], ImportReport]:
    """The employers that can be served, in the order of their SIRET."""
    communes = import_communes(data, ImportReport("communes"), console)
    report = ImportReport("entreprises")
    kept: dict[str, EmployerRow] = {}
    for _, row in console.track(read_rows(data, "entreprises.csv", COLUMNS), "employers"):
        corrections: list[str] = []
        try:
            employer = mend_employer(row, nafs, communes, corrections)
        except Rejected as reason:
            report.reject(str(reason))
            continue
        if employer.siret in kept:
            report.reject("SIRET seen before")
            continue
        report.accept(corrections)
        kept[employer.siret] = employer
    return [kept[siret] for siret in sorted(kept)], report


def mend_employer(
    row: Mapping[str, str], nafs: Mapping[str, str], communes: Communes, corrections: list[str]
) -> EmployerRow:
    """The employer in a row of the file; each correction is added to `corrections`.

    Raises Rejected if the row can't be corrected.
    """
    siret = _siret(row["siret"], corrections)
    raison_sociale, enseigne = (
        mend_text(row[column], Kind.LABEL, corrections) for column in ("raison_sociale", "enseigne")
    )
    name = _name(raison_sociale, enseigne, corrections)
    naf = _naf(row["naf"], nafs, corrections)
    lieu = mend_lieu(read_lieu(row), communes, corrections)
    if lieu.point is None:
        raise Rejected("no coordinates, and no commune to take them from")
    return EmployerRow(
        siret=siret,
        raison_sociale=name,
        enseigne=enseigne if enseigne != name else "",
        naf=naf,
        tranche_effectif=row["tranche_effectif"] if row["tranche_effectif"] in TRANCHES else "",
        adresse=lieu.adresse or "",
        code_postal=lieu.code_postal or "",
        insee=lieu.insee or "",
        commune=lieu.commune or "",
        departement=lieu.departement or "",
        point=lieu.point,
    )


def _siret(text: str, corrections: list[str]) -> str:
    siret = re.sub(r"\s", "", text)
    if 11 <= len(siret) < 14 and whole_number(siret) is not None:
        # A spreadsheet converted the SIRET to a number and dropped its leading zeros.
        corrections.append("SIRET short of its leading zeros")
        siret = siret.zfill(14)
    if not is_siret(siret):
        raise Rejected("SIRET invalid")
    return siret


def _name(raison_sociale: str, enseigne: str, corrections: list[str]) -> str:
    if _is_name(raison_sociale):
        return raison_sociale
    if _is_name(enseigne):
        corrections.append("no company name: the sign's")
        return enseigne
    raise Rejected("no name")


def _is_name(text: str) -> bool:
    return any(letter.isalnum() for letter in text) and text.upper() not in _NO_NAME


def _naf(text: str, nafs: Mapping[str, str], corrections: list[str]) -> str:
    naf = normal_naf(text)
    if naf not in nafs:
        raise Rejected("NAF missing" if not naf else "NAF unknown")
    if naf != text:
        corrections.append("NAF written otherwise")
    return naf
