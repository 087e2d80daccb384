"""Load the open data: `python -m services.catalogue.load --data DIR --state DIR [--fictive]`.

The running service takes the new generation by itself; when anything fails, the old one stays.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import orjson
from rich.console import Console

from services.catalogue.clock import today_in_paris
from services.catalogue.commune import Communes
from services.catalogue.formation import Formation
from services.catalogue.import_formations import (
    FORMATION_COLUMNS,
    RNCP_COLUMNS,
    Origin,
    References,
    read_certifications,
    read_formations,
)
from services.catalogue.import_metiers import (
    APPELLATION_COLUMNS,
    ROME3_APPELLATION_COLUMNS,
    ROME_COLUMNS,
    merge_metiers,
    read_appellations,
    read_domaines,
    read_romes,
    rome_metiers,
)
from services.catalogue.import_places import (
    COMMUNE_COLUMNS,
    ETABLISSEMENT_COLUMNS,
    Row,
    read_communes,
    read_etablissements,
)
from services.catalogue.tables import Tables, write_tables
from services.catalogue.tantivy_store import write_index
from services.common.generation import new_generation
from services.common.report import ImportConsole, ImportReport
from services.common.table import BadFile, find_file, read_json, read_rows

REAL_SOURCE = "Catalogue Carif-Oref (export de novembre 2020)"
FICTIVE_SOURCE = "Jeu de démonstration (données fictives)"
REPORT = "report.json"


class Import:
    """One reading of a data folder, with a report for each table."""

    def __init__(self, data: Path, origin: Origin, console: ImportConsole) -> None:
        self._data = data
        self._origin = origin
        self._console = console
        self.reports: list[ImportReport] = []

    def read(self) -> tuple[list[Formation], Tables]:
        """Everything that the service serves. Raises BadFile."""
        communes = read_communes(self._rows("communes.csv", COMMUNE_COLUMNS), self._report("communes"))
        romes = read_romes(self._rows("romes.csv", ROME_COLUMNS, ";"), self._report("romes"))
        table = Communes(communes)
        etablissements = read_etablissements(
            self._rows("etablissements.csv", ETABLISSEMENT_COLUMNS), table, self._report("etablissements")
        )
        certifications = read_certifications(
            self._rows("rncp.csv", RNCP_COLUMNS), romes, self._report("rncp")
        )
        formations = read_formations(
            self._rows("formations.csv", FORMATION_COLUMNS),
            References(table, etablissements, romes, certifications),
            self._origin,
            self._report("formations"),
        )
        if not (communes and romes and formations):
            raise BadFile(f"{self._data}: no commune, no ROME code or no training could be read")
        domaines = read_domaines(
            read_json(self._data, "domaines_metiers.json"), romes, self._report("domaines_metiers")
        )
        appellations = read_appellations(
            self._rows("appellations.csv", APPELLATION_COLUMNS, ";"),
            self._rome3_codes(),
            romes,
            self._report("appellations"),
        )
        metiers = merge_metiers([*domaines, *rome_metiers(romes.values()), *appellations], formations)
        return formations, Tables(list(etablissements.values()), list(romes.values()), metiers, communes)

    def _rome3_codes(self) -> dict[str, str]:
        """The ROME 3 code of each name of a job, by its number; the file is not in every data folder."""
        name = "appellations_rome3.csv"
        try:
            find_file(self._data, name)
        except BadFile:
            return {}
        rows = self._rows(name, ROME3_APPELLATION_COLUMNS, ";")
        return {row["ogr_appellation"]: row["rome_code"] for row in rows}

    def _report(self, table: str) -> ImportReport:
        report = ImportReport(table)
        self.reports.append(report)
        return report

    def _rows(self, name: str, columns: Sequence[str], delimiter: str = ",") -> Iterator[Row]:
        rows = (row for _, row in read_rows(self._data, name, columns, delimiter))
        return self._console.track(rows, name)


def load(
    data: Path, state: Path, *, fictive: bool, today: date, console: ImportConsole
) -> list[ImportReport]:
    """Import the folder and make it current. Raises BadFile, and then nothing has changed."""
    source = FICTIVE_SOURCE if fictive else REAL_SOURCE
    work = Import(data, Origin(source, fictive, today), console)
    with new_generation(state) as folder:
        formations, tables = work.read()
        write_index(folder, formations)
        write_tables(folder, tables)
        (folder / REPORT).write_bytes(orjson.dumps(work.reports, option=orjson.OPT_INDENT_2))
    return work.reports


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m services.catalogue.load", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the open data files")
    parser.add_argument("--state", type=Path, required=True, help="folder of the service (CATALOGUE_STATE)")
    parser.add_argument("--fictive", action="store_true", help="mark the rows as fictitious")
    arguments = parser.parse_args(argv)
    output = Console(stderr=True, highlight=False, soft_wrap=True)
    console = ImportConsole(output)
    began = time.perf_counter()
    try:
        reports = load(
            arguments.data,
            arguments.state,
            fictive=arguments.fictive,
            today=today_in_paris(),
            console=console,
        )
    except (BadFile, OSError) as error:
        sys.exit(f"import failed, nothing has changed: {error}")
    for report in reports:
        console.show(report)
    output.print(f"  catalogue loaded in {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
