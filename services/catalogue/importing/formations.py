"""Import of the trainings: every hole of the export is decided here, and told in the report."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.catalogue.etablissement import Etablissement, is_siret
from services.catalogue.formation import NIVEAUX, Formation, shift_sessions
from services.catalogue.importing.places import (
    Row,
    read_postal_code,
    read_uai,
)
from services.common.report import ImportReport
from services.common.table import row_id, split_codes
from services.france.communes import Communes
from services.france.lieu import Lieu, read_point
from services.france.mending import mend_lieu
from services.france.names import squeeze

FORMATION_COLUMNS = (
    "id",
    "id_action",
    "id_certifinfo",
    "published",
    "cfd",
    "rncp",
    "intitule",
    "intitule_rncp",
    "diplome",
    "niveau_eu",
    "romes",
    "formateur_siret",
    "formateur_uai",
    "formateur_nom",
    "formateur_raison_sociale",
    "gestionnaire_siret",
    "lieu_adresse",
    "lieu_code_postal",
    "lieu_code_insee",
    "lieu_commune",
    "latitude",
    "longitude",
    "periodes",
)
RNCP_COLUMNS = ("rncp", "intitule", "niveau_eu", "romes")

_CFD = re.compile(r"[0-9A-Z]{8}")
_RNCP = re.compile(r"RNCP[0-9]{1,6}")
_MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")
# First digit of a diploma code: the French scale of before 2019, which counted downwards.
_NIVEAU_OF_CFD = {"5": 3, "4": 4, "3": 5, "2": 6, "1": 7}


class RejectedRow(Exception):
    """The row can't be served; the message says why."""


@dataclass(frozen=True, slots=True)
class Certification:
    """What the national directory says of an RNCP code."""

    intitule: str
    niveau: int
    romes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class References:
    """The tables that a training is checked against."""

    communes: Communes
    etablissements: Mapping[str, Etablissement]
    romes: Collection[str]
    certifications: Mapping[str, Certification]


@dataclass(frozen=True, slots=True)
class Origin:
    """What all rows of an import have in common."""

    source: str
    fictive: bool
    today: date


def read_certifications(
    rows: Iterable[Row], romes: Collection[str], report: ImportReport
) -> dict[str, Certification]:
    """The certifications by RNCP code."""
    found = {}
    for row in rows:
        if not _RNCP.fullmatch(row["rncp"]):
            report.reject("not an RNCP code (RS and others)")
            continue
        known = tuple(code for code in split_codes(row["romes"]) if code in romes)
        found[row["rncp"]] = Certification(squeeze(row["intitule"]), _niveau(row["niveau_eu"]), known)
        report.accept()
    return found


def read_formations(
    rows: Iterable[Row], references: References, origin: Origin, report: ImportReport
) -> list[Formation]:
    """The trainings that can be served, each id once."""
    reader = _FormationReader(references, origin, report)
    for row in rows:
        reader.read(row)
    return reader.formations()


class _FormationReader:
    def __init__(self, references: References, origin: Origin, report: ImportReport) -> None:
        self._references = references
        self._origin = origin
        self._report = report
        self._by_id: dict[str, Formation] = {}
        self._ids_by_content: dict[tuple[str, Formation], str] = {}

    def formations(self) -> list[Formation]:
        return list(self._by_id.values())

    def read(self, row: Row) -> None:
        corrections: list[str] = []
        try:
            formation = self._formation(row, corrections)
        except RejectedRow as reason:
            self._report.reject(str(reason))
            return
        self._keep(row["id"], formation, corrections)

    def _keep(self, training: str, formation: Formation, corrections: list[str]) -> None:
        """The export has a line for each place of a training, and for each set of dates."""
        content = (training, replace(formation, id="", sessions=()))
        if content in self._ids_by_content:
            listed = self._by_id[self._ids_by_content[content]]
            sessions = tuple(sorted({*listed.sessions, *formation.sessions}))
            self._by_id[listed.id] = replace(listed, sessions=sessions)
            self._report.reject(
                "same training and place as another line: its sessions were added to that one"
            )
            return
        if formation.id in self._by_id:
            self._report.reject("same identifiers as another line, another content: the first one is kept")
            return
        self._ids_by_content[content] = formation.id
        self._by_id[formation.id] = formation
        self._report.accept(corrections)

    def _formation(self, row: Row, corrections: list[str]) -> Formation:
        if row["published"] != "1":
            raise RejectedRow("superseded by a later line (published=0)")
        if not row["id"]:
            raise RejectedRow("no id")
        rncp = row["rncp"] if _RNCP.fullmatch(row["rncp"]) else None
        certification = self._references.certifications.get(rncp or "", Certification("", 0, ()))
        cfd = row["cfd"] if _CFD.fullmatch(row["cfd"]) else None
        etablissement = self._etablissement(row, corrections)
        gestionnaire = row["gestionnaire_siret"] if is_siret(row["gestionnaire_siret"]) else None
        return Formation(
            # One `id` covers several places and variants; appointments are taken under the same ids.
            id=row_id(row["id"], row["id_action"], row["id_certifinfo"]),
            intitule=_intitule(row, certification, corrections),
            niveau=_niveau_of(row, cfd, certification, corrections),
            etablissement=etablissement,
            lieu=mend_lieu(_lieu(row), self._references.communes, corrections),
            source=self._origin.source,
            romes=self._romes(row, certification, corrections),
            diplome=squeeze(row["diplome"]) or None,
            cfd=cfd,
            rncp=rncp,
            intitule_rncp=squeeze(row["intitule_rncp"]) or certification.intitule or None,
            gestionnaire_siret=gestionnaire,
            gestionnaire=self._gestionnaire(gestionnaire, etablissement),
            onisep_url=etablissement.onisep_url,
            sessions=self._sessions(row, corrections),
            # Columns of the live catalogue, which the export of November 2020 was made without.
            capacite=_capacite(row.get("capacite", "")),
            maj_le=_day(row.get("last_update_at", "")),
            fictive=self._origin.fictive,
        )

    def _romes(self, row: Row, certification: Certification, corrections: list[str]) -> tuple[str, ...]:
        given = split_codes(row["romes"])
        known = tuple(code for code in given if code in self._references.romes)
        if len(known) < len(given):
            # "G1700" or "N11" are families of jobs; the row names jobs of the family beside them.
            corrections.append("ROME codes that do not exist left out")
        if known:
            return known
        corrections.append(
            "no ROME code: those of the RNCP"
            if certification.romes
            else "no ROME code: found by place and RNCP"
        )
        return certification.romes

    def _sessions(self, row: Row, corrections: list[str]) -> tuple[str, ...]:
        given = split_codes(row["periodes"])
        months = [month for month in given if _MONTH.fullmatch(month)]
        if len(months) < len(given):
            corrections.append("sessions that are not a month left out")
        shifted = shift_sessions(months, self._origin.today)
        if not set(months) <= set(shifted):
            corrections.append("past sessions shifted by whole years to the first to come")
        return shifted

    def _etablissement(self, row: Row, corrections: list[str]) -> Etablissement:
        siret = self._siret(row, corrections)
        listed = self._references.etablissements.get(siret)
        if listed:
            return listed
        name = squeeze(row["formateur_raison_sociale"] or row["formateur_nom"])
        if not name:
            corrections.append("organisation not listed and without a name: named by its SIRET")
        enseigne = squeeze(row["formateur_nom"])
        return Etablissement(
            siret=siret,
            raison_sociale=name or f"Organisme de formation (SIRET {siret})",
            uai=read_uai(row["formateur_uai"]),
            enseigne=enseigne if enseigne and enseigne != name else None,
        )

    def _gestionnaire(self, siret: str | None, formateur: Etablissement) -> Etablissement | None:
        if siret is None or siret == formateur.siret:
            return formateur if siret else None
        return self._references.etablissements.get(siret)

    def _siret(self, row: Row, corrections: list[str]) -> str:
        siret, gestionnaire = row["formateur_siret"], row["gestionnaire_siret"]
        if is_siret(siret) or siret in self._references.etablissements:
            return siret
        if is_siret(gestionnaire):
            corrections.append("formateur's SIRET wrong or missing: the gestionnaire's")
            return gestionnaire
        if len(siret) == 14 and siret.isdecimal():
            corrections.append("formateur's SIRET with a wrong check digit: kept, there is no other")
            return siret
        raise RejectedRow("no SIRET of 14 digits, neither the formateur's nor the gestionnaire's")


def _intitule(row: Row, certification: Certification, corrections: list[str]) -> str:
    given = squeeze(row["intitule"])
    if given:
        return given
    of_rncp = squeeze(row["intitule_rncp"]) or certification.intitule
    if not of_rncp:
        raise RejectedRow("no title, and none known for its RNCP")
    corrections.append("no title: that of the RNCP")
    return of_rncp


def _niveau(cell: str) -> int:
    return int(cell) if cell.isdecimal() and int(cell) in NIVEAUX else 0


def _niveau_of(row: Row, cfd: str | None, certification: Certification, corrections: list[str]) -> int:
    given = _niveau(row["niveau_eu"])
    if given:
        return given
    derived = certification.niveau or _NIVEAU_OF_CFD.get((cfd or "")[:1], 0)
    corrections.append("no level: that of the RNCP or CFD" if derived else "no level known")
    return derived


def _capacite(cell: str) -> int | None:
    return int(cell) if re.fullmatch(r"[1-9][0-9]{0,3}", cell) else None


def _day(cell: str) -> str | None:
    """The day of a date, or of a date and time."""
    try:
        return date.fromisoformat(cell[:10]).isoformat()
    except ValueError:
        return None


def _lieu(row: Row) -> Lieu:
    address = squeeze(row["lieu_adresse"])
    return Lieu(
        adresse=address if address not in {"", "-"} else None,
        code_postal=read_postal_code(row["lieu_code_postal"]),
        insee=row["lieu_code_insee"] or None,
        commune=squeeze(row["lieu_commune"]) or None,
        point=read_point(row),
    )
