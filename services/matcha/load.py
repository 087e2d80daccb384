"""Imports the table of OPCO, and fictitious needs: `python -m services.matcha.load --data DIR [--fictive]`.

Without `--fictive` the fictitious needs are removed. Needs posted by companies are never changed.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from services.common.importer import exit_on_failure, importer_parser
from services.common.mongo import open_database
from services.common.report import ImportConsole, ImportReport
from services.common.settings import load_settings
from services.common.table import BadFile, read_rows
from services.common.texts import Kind, mend_text, whole_number
from services.france.clock import utc_now
from services.france.codes import is_idcc, is_siret, normal_idcc
from services.france.communes import Communes
from services.france.importing import import_communes
from services.france.lieu import LIEU_COLUMNS, read_lieu
from services.france.mending import mend_lieu
from services.matcha.besoin import Entreprise, Fictif
from services.matcha.fictif import Metiers, fictif_of, has_need
from services.matcha.settings import StoreSettings
from services.matcha.store import BesoinStore

SMALL = frozenset(("", "NN", "00", "01", "02", "03", "11"))
"""INSEE brackets of headcount up to 19, and unknown headcounts, most of which are small."""

# The usual label of each OPCO, by its spelling in the table.
_OPCO_LABELS = {
    "OPCO entreprises de proximité": "Opco entreprises de proximité",
    "OPCO entreprises et salariés des services à forte intensité de main-d'œuvre": "AKTO",
    "OPCO Cohésion sociale": "Uniformation",
    "OPCO Mobilité": "Opco Mobilités",
    "OPCO Commerce": "L'Opcommerce",
    "OPCO ATLAS": "ATLAS",
    "OPCO Santé": "Opco Santé",
    "OPCO Construction": "Constructys",
    "OCAPIAT": "OCAPIAT",
    "AFDAS": "AFDAS",
    "OPCO 2i": "OPCO 2i",
}
_ENTREPRISE_COLUMNS = ("siret", "raison_sociale", "enseigne", "naf", "tranche_effectif", *LIEU_COLUMNS)


def read_opcos(data: Path, report: ImportReport) -> dict[str, str]:
    """OPCO by number of collective agreement, without leading zeros."""
    opcos: dict[str, str] = {}
    for _, row in read_rows(data, "idcc_opco.csv", ("IDCC", "Opérateur de compétences"), delimiter=";"):
        idcc, label = row["IDCC"], _OPCO_LABELS.get(row["Opérateur de compétences"].replace("’", "'"))
        if not is_idcc(idcc):
            report.reject("no IDCC number")
        elif label is None:
            report.reject("no OPCO, or one that is not of the eleven")
        else:
            opcos[normal_idcc(idcc)] = label
            report.accept()
    if not opcos:
        raise BadFile(f"{data}: no collective agreement could be read in idcc_opco.csv")
    return opcos


def read_metiers(data: Path) -> Metiers:
    """The hirings of each NAF by ROME, and the names of jobs by ROME."""
    embauches: dict[str, dict[str, int]] = defaultdict(dict)
    for _, row in read_rows(data, "naf_rome_embauches.csv", ("rome_id", "naf_id", "hirings")):
        embauches[row["naf_id"]][row["rome_id"]] = whole_number(row["hirings"]) or 0
    appellations: dict[str, list[str]] = defaultdict(list)
    columns = ("code_rome", "libelle_appellation_court")
    for _, row in read_rows(data, "appellations.csv", columns, delimiter=";"):
        appellations[row["code_rome"]].append(row["libelle_appellation_court"])
    return Metiers(embauches, appellations)


def read_fictifs(data: Path, now: datetime, report: ImportReport, console: ImportConsole) -> list[Fictif]:
    """The fictitious needs, one for each small establishment in `ONE_IN`."""
    metiers = read_metiers(data)
    communes = import_communes(data, ImportReport("communes"), console)
    rows = read_rows(data, "entreprises.csv", _ENTREPRISE_COLUMNS)
    fictifs = []
    for _, row in console.track(rows, "establishments read for needs"):
        if row["tranche_effectif"] not in SMALL or not has_need(row["siret"]):
            continue
        fictif = _read_fictif(row, metiers, communes, now, report)
        if fictif is not None:
            fictifs.append(fictif)
    return fictifs


def _read_fictif(
    row: Mapping[str, str], metiers: Metiers, communes: Communes, now: datetime, report: ImportReport
) -> Fictif | None:
    if not is_siret(row["siret"]):
        report.reject("bad SIRET")
        return None
    corrections: list[str] = []
    lieu = mend_lieu(read_lieu(row), communes, corrections)
    raison_sociale, enseigne = (
        mend_text(row[name], Kind.LABEL, corrections) for name in ("raison_sociale", "enseigne")
    )
    if not raison_sociale or lieu.point is None:
        report.reject("no name, or no coordinates")
        return None
    entreprise = Entreprise(row["siret"], raison_sociale, enseigne or None, row["naf"])
    fictif = fictif_of(entreprise, lieu, metiers, now)
    if fictif is None:
        report.reject("nobody knows what its NAF hires for")
        return None
    report.accept(corrections)
    return fictif


async def load(data: Path, settings: StoreSettings, console: ImportConsole, *, fictive: bool) -> None:
    """Read everything, then write: a file that can't be read changes nothing."""
    opco_report, besoin_report = ImportReport("collective agreements"), ImportReport("fictitious needs")
    opcos = read_opcos(data, opco_report)
    fictifs = read_fictifs(data, utc_now(), besoin_report, console) if fictive else []
    async with open_database(settings.mongodb_url.get_secret_value(), settings.mongodb_database) as database:
        store = BesoinStore(database)
        await store.replace_opcos(opcos)
        await store.replace_fictifs(fictifs)
    console.show(opco_report)
    if fictive:
        console.show(besoin_report)


def main() -> None:
    parser = importer_parser(
        "services.matcha.load", __doc__, fictive="put up fictitious needs, marked as such"
    )
    arguments = parser.parse_args()
    settings = load_settings(StoreSettings)
    with exit_on_failure():
        asyncio.run(load(arguments.data, settings, ImportConsole(), fictive=arguments.fictive))


if __name__ == "__main__":
    main()
