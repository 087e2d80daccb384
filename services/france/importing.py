"""Reading the table of communes of the open data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from services.common.report import ImportConsole, ImportReport
from services.common.table import read_rows
from services.france.communes import Commune, departement_of
from services.france.geo import Point, point_problems

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
