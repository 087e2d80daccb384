"""Simulate the offers: `python -m deploy.sandbox.load --data DIR --state DIR`.

Each offer belongs to an establishment of `entreprises.csv`, for a job that its activity (NAF) hires for.
The random generator is seeded with the SIRET, so the same files give the same offers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from deploy.sandbox.offres import FORMAT, OffreSimulee, write_offres
from deploy.sandbox.writing import Employeur, Metier, Place, write_offre
from services.common.generation import new_generation
from services.common.importer import exit_on_failure, importer_parser
from services.common.report import ImportConsole, ImportReport
from services.common.table import BadFile, read_rows
from services.common.texts import whole_number
from services.france.communes import Commune, Communes
from services.france.fictif import generator, weighted
from services.france.geo import Point
from services.france.importing import import_communes
from services.france.lieu import read_point
from services.france.stored_communes import write_communes

_SHARE = 0.25
_CRAFTS_SHARE = 0.7
_CRAFTS = frozenset({"10", "41", "42", "43", "45", "95", "96"})
"""NAF divisions with most apprentices: food crafts, building, garages, repairs, hairdressing."""

_ETABLISSEMENT = [
    "siret",
    "raison_sociale",
    "enseigne",
    "naf",
    "adresse",
    "code_postal",
    "code_insee",
    "commune",
    "latitude",
    "longitude",
]


@dataclass(frozen=True)
class Tables:
    """The open data that the offers are generated from."""

    communes: Communes
    capitals: dict[str, Commune]
    metiers: dict[str, list[Metier]]
    """Appellations by ROME code."""
    hires: dict[str, dict[str, float]]
    """Weight of each ROME code, by NAF code."""
    nafs: dict[str, str]


def load(data: Path, state: Path, console: ImportConsole) -> ImportReport:
    """Write new offers as the current generation of `state`. Raises BadFile."""
    report = ImportReport("entreprises.csv")
    tables = _read_tables(data, console)
    with new_generation(state, FORMAT) as folder:
        offres = list(simulate(data, tables, report, console))
        if not offres:
            raise BadFile(f"{data}: no establishment hires for a known job")
        write_offres(folder, offres)
        write_communes(folder, tables.communes)
        report.write(folder / "report.json")
    console.show(report)
    return report


def simulate(
    data: Path, tables: Tables, report: ImportReport, console: ImportConsole
) -> Iterator[OffreSimulee]:
    """The offers, in the order of their establishments."""
    number = 0
    for _, row in console.track(read_rows(data, "entreprises.csv", _ETABLISSEMENT), "entreprises.csv"):
        rng = generator(f"offre {row['siret']}")
        point = read_point(row)
        if row["naf"] not in tables.hires:
            report.reject("activity that hires for no known job")
        elif point is None:
            report.reject("no coordinates")
        elif rng.random() >= (_CRAFTS_SHARE if row["naf"][:2] in _CRAFTS else _SHARE):
            report.reject("without an offer, by chance")
        else:
            report.accept()
            number += 1
            yield _offre(rng, number, row, point, tables)


def _offre(rng: Random, number: int, row: dict[str, str], point: Point, tables: Tables) -> OffreSimulee:
    commune = commune_of(row, point, tables.communes)
    place = Place(commune, tables.capitals[commune.departement])
    employeur = Employeur(
        siret=row["siret"],
        nom=row["enseigne"] or row["raison_sociale"],
        naf=row["naf"],
        naf_libelle=tables.nafs.get(row["naf"], "Autre activité"),
        code_postal=row["code_postal"],
        latitude=point.latitude,
        longitude=point.longitude,
    )
    metier = rng.choice(tables.metiers[weighted(rng, tables.hires[row["naf"]])])
    return write_offre(rng, number, employeur, metier, place)


def commune_of(row: dict[str, str], point: Point, communes: Communes) -> Commune:
    """By its code, else by its address or the nearest; an arrondissement, never a whole city."""
    found = communes.get(row["code_insee"])
    if found is None or not communes.point_of(found):
        found = communes.at_address(row["code_postal"], row["commune"], point)
    if found is None or not communes.point_of(found):
        found, _ = communes.nearest(point)
    return found


def _read_tables(data: Path, console: ImportConsole) -> Tables:
    communes = import_communes(data, ImportReport("communes"), console)
    metiers = _read_metiers(data)
    return Tables(
        communes=communes,
        capitals=_capitals(communes),
        metiers=metiers,
        hires=_read_hires(data, metiers),
        nafs={row["code"]: row["libelle"] for _, row in read_rows(data, "naf.csv", ("code", "libelle"), ";")},
    )


def _capitals(communes: Communes) -> dict[str, Commune]:
    """The largest commune of each departement; a whole city is replaced by its first arrondissement."""
    largest: dict[str, Commune] = {}
    placed = (each for each in communes if each.point)
    for commune in sorted(placed, key=lambda each: each.population):
        largest[commune.departement] = communes.first_arrondissement(commune)
    return largest


def _read_metiers(data: Path) -> dict[str, list[Metier]]:
    romes = {
        row["code_rome"]: row["libelle_rome"]
        for _, row in read_rows(data, "romes.csv", ("code_rome", "libelle_rome"), ";")
    }
    metiers: dict[str, list[Metier]] = defaultdict(list)
    columns = ("code_rome", "libelle_appellation_court")
    for _, row in read_rows(data, "appellations.csv", columns, ";"):
        # Some appellations have ROME 4 codes, which the other files do not have.
        if row["code_rome"] in romes:
            rome = row["code_rome"]
            metiers[rome].append(Metier(rome, romes[rome], row["libelle_appellation_court"]))
    return dict(metiers)


def _read_hires(data: Path, metiers: dict[str, list[Metier]]) -> dict[str, dict[str, float]]:
    hires: dict[str, dict[str, float]] = defaultdict(dict)
    for _, row in read_rows(data, "naf_rome_embauches.csv", ("rome_id", "naf_id", "hirings")):
        hirings = whole_number(row["hirings"])
        if row["rome_id"] in metiers and hirings:
            # Apprentices are spread over more jobs than hirings as a whole are.
            hires[row["naf_id"]][row["rome_id"]] = hirings**0.75
    return dict(hires)


def main() -> None:
    fictive = "accepted as by every importer; an offer is always simulated"
    parser = importer_parser("deploy.sandbox.load", __doc__, fictive=fictive, state="SANDBOX_STATE")
    arguments = parser.parse_args()
    with exit_on_failure():
        load(arguments.data, arguments.state, ImportConsole())


if __name__ == "__main__":
    main()
