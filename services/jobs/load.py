"""Imports the communes: `python -m services.jobs.load --data DIR --state DIR`."""

from __future__ import annotations

from pathlib import Path

from services.common.generation import new_generation
from services.common.importer import exit_on_failure, importer_parser
from services.common.report import ImportConsole, ImportReport
from services.france.importing import import_communes
from services.france.stored_communes import write_communes
from services.jobs.state import FORMAT


def load(data: Path, state: Path, console: ImportConsole) -> ImportReport:
    """Make the communes of `data` the current generation of `state`. Raises BadFile."""
    report = ImportReport("communes")
    with new_generation(state, FORMAT) as folder:
        write_communes(folder, import_communes(data, report, console))
        report.write(folder / "report.json")
    console.show(report)
    return report


def main() -> None:
    fictive = "accepted as by every importer; a commune is never fictitious"
    parser = importer_parser("services.jobs.load", __doc__, fictive=fictive, state="JOBS_STATE")
    arguments = parser.parse_args()
    with exit_on_failure():
        load(arguments.data, arguments.state, ImportConsole())


if __name__ == "__main__":
    main()
