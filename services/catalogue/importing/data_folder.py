"""Reads the whole data folder, before anything is published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from services.catalogue.formation import Formation
from services.catalogue.importing.formations import (
    FORMATION_COLUMNS,
    RNCP_COLUMNS,
    Origin,
    References,
    read_certifications,
    read_formations,
)
from services.catalogue.importing.metiers import (
    APPELLATION_COLUMNS,
    ROME3_APPELLATION_COLUMNS,
    ROME_COLUMNS,
    general_metiers,
    merge_metiers,
    read_appellations,
    read_diplomes,
    read_domaines,
    read_romes,
    rome_metiers,
)
from services.catalogue.importing.places import (
    ETABLISSEMENT_COLUMNS,
    Row,
    read_etablissements,
)
from services.catalogue.mobilite import MOBILITE_COLUMNS, read_mobilite
from services.catalogue.rome import Rome
from services.catalogue.suggest.metier import Metier
from services.catalogue.tables import Tables
from services.common.report import ImportConsole, ImportReport
from services.common.table import BadFile, find_file, read_json, read_rows
from services.france.importing import import_communes


class Import:
    """Reads a data folder once, with a report for each table."""

    def __init__(self, data: Path, origin: Origin, console: ImportConsole) -> None:
        self._data = data
        self._origin = origin
        self._console = console
        self.reports: list[ImportReport] = []
        """One report for each table read so far, including a table that was refused."""

    def read(self) -> tuple[list[Formation], Tables]:
        """The trainings and the tables, without the vocabulary. Raises BadFile."""
        communes = import_communes(self._data, self._report("communes"), self._console)
        romes = read_romes(*self._table("romes", ROME_COLUMNS, "code_rome", ";"))
        rows, report = self._table("etablissements", ETABLISSEMENT_COLUMNS, "siret")
        etablissements = read_etablissements(rows, communes, report)
        rows, report = self._table("rncp", RNCP_COLUMNS, "rncp")
        certifications = read_certifications(rows, romes, report)
        references = References(communes, etablissements, romes, certifications)
        rows, report = self._table("formations", FORMATION_COLUMNS, "id")
        formations = read_formations(rows, references, self._origin, report)
        if not (romes and formations):
            raise BadFile(f"{self._data}: no ROME code or no training could be read")
        # Who teaches a training is found by SIRET too, listed or not.
        etablissements |= {each.etablissement.siret: each.etablissement for each in formations}
        rows, report = self._table("rome_mobilite", MOBILITE_COLUMNS, "code_rome")
        mobilite = read_mobilite(rows, romes, report)
        job_names = self._metiers(romes)
        job_names += general_metiers(job_names, formations)
        metiers = merge_metiers(job_names, formations) + read_diplomes(formations, romes)
        return formations, Tables(
            list(etablissements.values()), list(romes.values()), metiers, list(communes), mobilite
        )

    def _metiers(self, romes: dict[str, Rome]) -> list[Metier]:
        content = read_json(self._data, "domaines_metiers.json")
        domaines = read_domaines(content, romes, self._report("domaines_metiers"))
        rows, report = self._table("appellations", APPELLATION_COLUMNS, "code_ogr", ";")
        appellations = read_appellations(rows, self._rome3_codes(), romes, report)
        return [*domaines, *rome_metiers(romes.values()), *appellations]

    def _rome3_codes(self) -> dict[str, str]:
        """Maps the number of a job name to its ROME 3 code; empty when the optional file is absent."""
        name = "appellations_rome3.csv"
        try:
            find_file(self._data, name)
        except BadFile:
            return {}
        rows = (row for _, row in read_rows(self._data, name, ROME3_APPELLATION_COLUMNS, ";"))
        return {row["ogr_appellation"]: row["rome_code"] for row in self._console.track(rows, name)}

    def _report(self, table: str) -> ImportReport:
        report = ImportReport(table)
        self.reports.append(report)
        return report

    def _table(
        self, table: str, columns: Sequence[str], id_column: str, delimiter: str = ","
    ) -> tuple[Iterator[Row], ImportReport]:
        """The rows of a file, and a report that follows the current row."""
        report = self._report(table)
        name = f"{table}.csv"
        rows = _report_position(read_rows(self._data, name, columns, delimiter), report, id_column)
        return self._console.track(rows, name), report


def _report_position(rows: Iterator[tuple[int, Row]], report: ImportReport, id_column: str) -> Iterator[Row]:
    for line, row in rows:
        report.set_position(line, row[id_column])
        yield row
