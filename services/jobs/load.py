"""Import the communes: `python -m services.jobs.load --data DIR --state DIR`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from services.common.generation import new_generation
from services.common.geo import Point, point_problems
from services.common.report import ImportConsole, ImportReport
from services.common.table import BadFile, read_rows
from services.jobs.communes import Commune, departement_of, write_communes

_COLUMNS = (
    "code_insee",
    "nom",
    "codes_postaux",
    "population",
    "dep_code",
    "reg_code",
    "latitude",
    "longitude",
)


def load(data: Path, state: Path, console: ImportConsole) -> ImportReport:
    """Make the communes of `data` the current generation of `state`. Raises BadFile."""
    report = ImportReport("communes.csv")
    with new_generation(state) as folder:
        write_communes(folder, list(import_communes(data, report, console)))
        if not report.accepted:
            raise BadFile(f"{data / 'communes.csv'}: no usable row")
        report.write(folder / "report.json")
    console.show(report)
    return report


def import_communes(data: Path, report: ImportReport, console: ImportConsole) -> Iterator[Commune]:
    """The communes that have a code and a place."""
    seen = set()
    for _, row in console.track(read_rows(data, "communes.csv", _COLUMNS), "communes.csv"):
        insee, point = row["code_insee"], _point(row)
        if not insee:
            report.reject("no code")
        elif insee in seen:
            report.reject("code seen before")
        elif point is None:
            report.reject("no coordinates")
        else:
            seen.add(insee)
            corrections = [] if row["population"].isdigit() else ["no population: taken as 0"]
            report.accept(corrections)
            yield _commune(row, point)


def _commune(row: dict[str, str], point: Point) -> Commune:
    return Commune(
        insee=row["code_insee"],
        nom=row["nom"],
        departement=row["dep_code"] or departement_of(row["code_insee"]),
        point=point,
        population=int(row["population"]) if row["population"].isdigit() else 0,
        region=row["reg_code"],
        codes_postaux=tuple(code for code in row["codes_postaux"].split("|") if code),
    )


def _point(row: dict[str, str]) -> Point | None:
    try:
        point = Point(float(row["latitude"]), float(row["longitude"]))
    except ValueError:
        return None
    return None if point_problems("", point) else point


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
