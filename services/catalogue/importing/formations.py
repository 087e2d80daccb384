"""Imports the trainings: decides what replaces missing or wrong values, and reports each correction."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.catalogue.etablissement import Etablissement
from services.catalogue.formation import NIVEAUX, Formation, shift_sessions
from services.catalogue.importing.formateurs import Formateurs
from services.catalogue.importing.places import (
    Row,
)
from services.common.report import ImportReport
from services.common.table import row_id, split_codes
from services.common.texts import Kind, mend_text, whole_number
from services.france.codes import has_siret_shape, is_cfd, is_code_postal, is_rncp, is_siret
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

_MAX_CAPACITE = 9_999
_MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")
# Maps the first digit of a diploma code (the French scale used before 2019, in descending order) to the
# level in use since.
_NIVEAU_OF_CFD = {"5": 3, "4": 4, "3": 5, "2": 6, "1": 7}


class RejectedRow(Exception):
    """The row can't be served; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Certification:
    """The entry of an RNCP code in the national directory; `niveau` is 0 when unknown."""

    intitule: str
    niveau: int
    romes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class References:
    """The tables used to check and complete a training."""

    communes: Communes
    etablissements: Mapping[str, Etablissement]
    romes: Collection[str]
    certifications: Mapping[str, Certification]


@dataclass(frozen=True, slots=True)
class Origin:
    """The values common to all rows of an import."""

    source: str
    fictive: bool
    today: date


def read_certifications(
    rows: Iterable[Row], romes: Collection[str], report: ImportReport
) -> dict[str, Certification]:
    """The certifications by RNCP code."""
    found = {}
    for row in rows:
        if not is_rncp(row["rncp"]):
            report.reject("not an RNCP code (RS and others)")
            continue
        known = tuple(code for code in split_codes(row["romes"]) if code in romes)
        corrections: list[str] = []
        intitule = mend_text(row["intitule"], Kind.TITLE, corrections)
        found[row["rncp"]] = Certification(intitule, _niveau(row["niveau_eu"]), known)
        report.accept(corrections)
    return found


def read_formations(
    rows: Iterable[Row], references: References, origin: Origin, report: ImportReport
) -> list[Formation]:
    """The trainings that can be served, with unique ids."""
    reader = _FormationReader(references, origin, report)
    for row in rows:
        reader.read(row)
    return reader.formations()


class _FormationReader:
    def __init__(self, references: References, origin: Origin, report: ImportReport) -> None:
        self._references = references
        self._origin = origin
        self._report = report
        self._formateurs = Formateurs(references.etablissements)
        self._by_id: dict[str, Formation] = {}
        self._ids_by_content: dict[tuple[str, Formation], str] = {}

    def formations(self) -> list[Formation]:
        return [self._formateurs.with_formateur(each) for each in self._by_id.values()]

    def read(self, row: Row) -> None:
        corrections: list[str] = []
        try:
            formation = self._formation(row, corrections)
        except RejectedRow as reason:
            self._report.reject(str(reason))
            return
        self._keep(row["id"], formation, corrections)

    def _keep(self, training: str, formation: Formation, corrections: list[str]) -> None:
        """Keep a new training, or merge its sessions into the training with the same content.

        The export has one line for each place of a training and for each set of dates.
        """
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
        rncp = row["rncp"] if is_rncp(row["rncp"]) else None
        certification = self._references.certifications.get(rncp or "", Certification("", 0, ()))
        cfd = row["cfd"] if is_cfd(row["cfd"]) else None
        etablissement = self._formateurs.read(row, self._siret(row, corrections), corrections)
        gestionnaire = row["gestionnaire_siret"] if is_siret(row["gestionnaire_siret"]) else None
        return Formation(
            # The export uses one `id` for several places and variants. The rdv service derives the same id.
            id=row_id(row["id"], row["id_action"], row["id_certifinfo"]),
            intitule=_intitule(row, certification, corrections),
            niveau=_niveau_of(row, cfd, certification, corrections),
            etablissement=etablissement,
            lieu=mend_lieu(_lieu(row), self._references.communes, corrections),
            source=self._origin.source,
            romes=self._romes(row, certification, corrections),
            diplome=mend_text(row["diplome"], Kind.TITLE, corrections) or None,
            cfd=cfd,
            rncp=rncp,
            intitule_rncp=_intitule_rncp(row, certification, corrections) or None,
            gestionnaire_siret=gestionnaire,
            gestionnaire=self._gestionnaire(gestionnaire, etablissement),
            onisep_url=etablissement.onisep_url,
            sessions=self._sessions(row, corrections),
            # Columns of the live catalogue; the export of November 2020 does not have them.
            capacite=_capacite(row.get("capacite", "")),
            maj_le=_day(row.get("last_update_at", "")),
            fictive=self._origin.fictive,
        )

    def _romes(self, row: Row, certification: Certification, corrections: list[str]) -> tuple[str, ...]:
        given = split_codes(row["romes"])
        known = tuple(code for code in given if code in self._references.romes)
        if len(known) < len(given):
            # "G1700" and "N11" are families of jobs; such a row also lists jobs of the family.
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
        if has_siret_shape(siret):
            corrections.append("formateur's SIRET with a wrong check digit: kept, there is no other")
            return siret
        raise RejectedRow("no SIRET of 14 digits, neither the formateur's nor the gestionnaire's")


def _intitule(row: Row, certification: Certification, corrections: list[str]) -> str:
    given = mend_text(row["intitule"], Kind.TITLE, corrections)
    if given:
        return given
    of_rncp = _intitule_rncp(row, certification, corrections)
    if not of_rncp:
        raise RejectedRow("no title, and none known for its RNCP")
    corrections.append("no title: that of the RNCP")
    return of_rncp


def _intitule_rncp(row: Row, certification: Certification, corrections: list[str]) -> str:
    return mend_text(row["intitule_rncp"], Kind.TITLE, corrections) or certification.intitule


def _niveau(cell: str) -> int:
    niveau = whole_number(cell)
    return niveau if niveau in NIVEAUX else 0


def _niveau_of(row: Row, cfd: str | None, certification: Certification, corrections: list[str]) -> int:
    given = _niveau(row["niveau_eu"])
    if given:
        return given
    derived = certification.niveau or _NIVEAU_OF_CFD.get((cfd or "")[:1], 0)
    corrections.append("no level: that of the RNCP or CFD" if derived else "no level known")
    return derived


def _capacite(cell: str) -> int | None:
    capacite = whole_number(cell)
    return capacite if capacite and capacite <= _MAX_CAPACITE else None


def _day(cell: str) -> str | None:
    """The ISO 8601 date of a cell with a date, or with a date and time; None when it has neither."""
    try:
        return date.fromisoformat(cell[:10]).isoformat()
    except ValueError:
        return None


def _lieu(row: Row) -> Lieu:
    address = squeeze(row["lieu_adresse"])
    return Lieu(
        adresse=address if address not in {"", "-"} else None,
        code_postal=row["lieu_code_postal"] if is_code_postal(row["lieu_code_postal"]) else None,
        insee=row["lieu_code_insee"] or None,
        commune=squeeze(row["lieu_commune"]) or None,
        point=read_point(row),
    )
