"""Import the communes: `python -m services.jobs.load --data DIR --state DIR`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from services.common.generation import new_generation
from services.common.report import ImportConsole, ImportReport
from services.common.table import BadFile
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
    parser = argparse.ArgumentParser(prog="python -m services.jobs.load", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the open data files")
    parser.add_argument("--state", type=Path, required=True, help="folder to write to: JOBS_STATE")
    parser.add_argument(
        "--fictive", action="store_true", help="accepted as by every importer; a commune is never fictitious"
    )
    arguments = parser.parse_args()
    try:
        load(arguments.data, arguments.state, ImportConsole())
    except BadFile as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
