"""Imports the trainings, and fictitious opening hours: `python -m services.rdv.load --data DIR [--fictive]`.

Without `--fictive` the fictitious hours are removed. Appointments, and hours set by a training centre, are
never changed.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from services.common.importer import exit_on_failure, importer_parser
from services.common.mongo import open_database
from services.common.report import ImportConsole, ImportReport
from services.common.settings import load_settings
from services.common.table import BadFile, read_rows, row_id
from services.france.codes import has_siret_shape
from services.rdv.creneau import Regle
from services.rdv.fictif import is_open, regles_of
from services.rdv.settings import StoreSettings
from services.rdv.store import RendezVousStore

COLUMNS = ("id", "id_action", "id_certifinfo", "published", "formateur_siret")


def read_formations(data: Path, report: ImportReport, console: ImportConsole) -> dict[str, str]:
    """The SIRET of the organisation that teaches, by formation id. Raises BadFile if none is published."""
    sirets: dict[str, str] = {}
    rows = read_rows(data, "formations.csv", COLUMNS)
    for _, row in console.track(rows, "trainings read for appointments"):
        if row["published"] != "1":
            report.reject("superseded by a later line")
        elif not row["id"]:
            report.reject("no id")
        elif not has_siret_shape(row["formateur_siret"]):
            report.reject("no SIRET of who gives it")
        else:
            # The catalogue computes the same id for this row.
            key = row_id(row["id"], row["id_action"], row["id_certifinfo"])
            report.accept(["line for an id already read: the last one holds"] if key in sirets else [])
            sirets[key] = row["formateur_siret"]
    if not sirets:
        raise BadFile(f"{data}: formations.csv has no published training with a SIRET")
    return sirets


async def load(data: Path, settings: StoreSettings, console: ImportConsole, *, fictive: bool) -> None:
    """Read everything, then write: a file that can't be read changes nothing."""
    report, hours_report = ImportReport("trainings"), ImportReport("training centres with fictitious hours")
    siret_by_id = read_formations(data, report, console)
    regles = _fictive_regles(set(siret_by_id.values()), hours_report) if fictive else {}
    async with open_database(settings.mongodb_url.get_secret_value(), settings.mongodb_database) as database:
        store = RendezVousStore(database)
        await store.replace_formations(siret_by_id)
        await store.replace_fictives(regles)
    console.show(report)
    if fictive:
        console.show(hours_report)


def _fictive_regles(sirets: set[str], report: ImportReport) -> dict[str, list[Regle]]:
    regles = {}
    for siret in sorted(sirets):
        if is_open(siret):
            regles[siret] = regles_of(siret)
            report.accept()
        else:
            report.reject("closed, as some are")
    return regles


def main() -> None:
    parser = importer_parser(
        "services.rdv.load", __doc__, fictive="open hours by chance, marked as fictitious"
    )
    arguments = parser.parse_args()
    settings = load_settings(StoreSettings)
    with exit_on_failure():
        asyncio.run(load(arguments.data, settings, ImportConsole(), fictive=arguments.fictive))


if __name__ == "__main__":
    main()
