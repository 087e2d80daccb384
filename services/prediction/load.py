"""Imports the employers: `python -m services.prediction.load --data DIR --state DIR [--fictive]`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from services.common.generation import new_generation
from services.common.importer import exit_on_failure, importer_parser
from services.common.report import ImportConsole, ImportReport
from services.prediction.employers import EmployerRow, Sectors, read_employers, read_sectors
from services.prediction.features import effectif
from services.prediction.hirings import Employer, sector_propensities, simulate_hirings
from services.prediction.table import FORMAT, Codes, Table, Texts, write_table

HIRINGS_ARE_SIMULATED = True
"""No open file has the hirings of each employer, so they are simulated even for real employers."""


def main(arguments: Sequence[str] | None = None) -> None:
    fictive = "the employers of this folder are fictitious"
    parser = importer_parser("services.prediction.load", __doc__, fictive=fictive, state="PREDICTION_STATE")
    options = parser.parse_args(arguments)
    with exit_on_failure():
        import_employers(options.data, options.state, fictive=options.fictive, console=ImportConsole())


def import_employers(data: Path, state: Path, *, fictive: bool, console: ImportConsole) -> ImportReport:
    """Replace the data of the service by that of the files."""
    sectors = read_sectors(data, console)
    employers, report = read_employers(data, sectors.libelles, console)
    table = build_table(employers, sectors, fictive=fictive)
    with new_generation(state, FORMAT) as folder:
        write_table(table, folder)
        report.write(folder / "report.json")
    console.show(report)
    return report


def build_table(employers: Sequence[EmployerRow], sectors: Sectors, *, fictive: bool) -> Table:
    history = simulate_hirings(
        [Employer(each.siret, each.naf, each.tranche_effectif or None) for each in employers],
        sector_propensities(sectors.jobs_by_naf()),
    )
    return Table(
        siret=np.array([each.siret for each in employers], dtype="S14"),
        texts={
            "raison_sociale": Texts.of([each.raison_sociale for each in employers]),
            "enseigne": Texts.of([each.enseigne for each in employers]),
            "adresse": Texts.of([each.adresse for each in employers]),
            "commune": Texts.of([each.commune for each in employers]),
        },
        codes={
            "naf": Codes.of([each.naf for each in employers]),
            "tranche_effectif": Codes.of([each.tranche_effectif for each in employers]),
            "code_postal": Codes.of([each.code_postal for each in employers]),
            "code_insee": Codes.of([each.insee for each in employers]),
            "departement": Codes.of([each.departement for each in employers]),
        },
        latitude=np.array([each.point.latitude for each in employers], dtype=np.float64),
        longitude=np.array([each.point.longitude for each in employers], dtype=np.float64),
        history=history,
        effectif=np.array([effectif(each.tranche_effectif) for each in employers], dtype=np.float64),
        naf_libelles=sectors.libelles,
        rome_libelles=sectors.rome_libelles,
        job_hirings=sectors.job_hirings,
        fictive=fictive or HIRINGS_ARE_SIMULATED,
    )


if __name__ == "__main__":
    main()
