"""A few communes, trainings and tables in the format of the open data, and a function to write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from services.catalogue.engine.tantivy.destination import FolderDestination
from services.catalogue.etablissement import Etablissement
from services.catalogue.formation import Formation
from services.catalogue.importing.data_folder import Import
from services.catalogue.importing.formations import Origin
from services.catalogue.load import FICTIVE_SOURCE, REAL_SOURCE, load
from services.common.report import ImportConsole, ImportReport
from services.common.table import row_id
from services.france.geo import Point
from services.france.lieu import Lieu
from tests.support.csv_files import write_csv
from tests.support.france.communes import COMMUNE_ROWS, Row

TODAY = date(2026, 11, 23)


def served_id(identifier: str) -> str:
    """The id of the training made from FORMATION_ROW with this value in the column `id`."""
    return row_id(identifier, "24_10", "100")


ROME_ROWS = (
    {"code_rome": "D1102", "libelle_rome": "Boulangerie - viennoiserie"},
    {"code_rome": "D1104", "libelle_rome": "Pâtisserie, confiserie, chocolaterie et glacerie"},
    {"code_rome": "D1202", "libelle_rome": "Coiffure"},
    {"code_rome": "F1703", "libelle_rome": "Maçonnerie"},
    {"code_rome": "I1604", "libelle_rome": "Mécanique automobile"},
)


def _appellation(ogr: str, libelle: str, rome: str, classification: str = "SYNONYME") -> Row:
    return {
        "code_ogr": ogr,
        "libelle_appellation_court": libelle,
        "code_rome": rome,
        "classification": classification,
    }


APPELLATION_ROWS = (
    _appellation("1", "Boulanger / Boulangère", "D1102", "PRINCIPALE"),
    _appellation("2", "Boulanger-pâtissier / Boulangère-pâtissière", "D1102"),
    _appellation("3", "Aide-boulanger / Aide-boulangère", "D1102"),
    _appellation("4", "Chef boulanger / boulangère", "D1102"),
    _appellation("5", "Pâtissier / Pâtissière", "D1104", "PRINCIPALE"),
    _appellation("6", "Coiffeur / Coiffeuse", "D1202", "PRINCIPALE"),
    _appellation("7", "Coiffeur / Coiffeuse à domicile", "D1202"),
    _appellation("8", "Maçon / Maçonne", "F1703"),
    _appellation("9", "Mécanicien / Mécanicienne automobile", "I1604"),
    _appellation("10", "Data scientist", "M1405"),
)

DOMAINES: list[dict[str, Any]] = [
    {
        "sous_domaine": "Boulangerie, viennoiserie, pâtisserie",
        "mots_clefs": "confiseur, pain, chocolat",
        "codes_romes": ["D1102", "D1104", "N13"],
        "intitules_romes": ["Boulanger/ère"],
        "codes_rncps": ["RNCP1473", "RNCP588"],
    },
    {"sous_domaine": "Sans métier connu", "mots_clefs": "", "codes_romes": ["Z9999"], "intitules_romes": []},
]

FORMATION_ROW: Row = {
    "id": "24_1",
    "id_action": "24_10",
    "id_certifinfo": "100",
    "published": "1",
    "cfd": "50022137",
    "rncp": "RNCP18704",
    "intitule": "BOULANGER (CAP)",
    "intitule_rncp": "Boulanger",
    "diplome": "CERTIFICAT D'APTITUDE PROFESSIONNELLE",
    "niveau_eu": "3",
    "romes": "D1102",
    "formateur_siret": "13000285000019",
    "formateur_uai": "0753465J",
    "formateur_nom": "CFA DU PAIN",
    "formateur_raison_sociale": "CHAMBRE DE METIERS",
    "gestionnaire_siret": "13002374000439",
    "lieu_adresse": "16 rue Claude Bernard",
    "lieu_code_postal": "75011",
    "lieu_code_insee": "75111",
    "lieu_commune": "Paris 11e Arrondissement",
    "latitude": "48.8592",
    "longitude": "2.3795",
    "periodes": "2027-09",
}

ETABLISSEMENT_ROW: Row = {
    "siret": "13000285000019",
    "enseigne": "CAMPUS CLAUDE BERNARD",
    "entreprise_raison_sociale": "INSTITUT DU VIVANT",
    "uai": "0753465J",
    "numero_voie": "16",
    "type_voie": "RUE",
    "nom_voie": "CLAUDE BERNARD",
    "code_postal": "75011",
    "localite": "PARIS 11",
    "code_insee_localite": "75111",
    "certifie_qualite": "true",
    "onisep_url": "www.onisep.fr/http/redirection/etablissement/slug/ENS.1",
    "latitude": "48.8592",
    "longitude": "2.3795",
}

MOBILITE_ROWS = (
    {"code_rome": "D1102", "code_rome_cible": "D1104", "code_type_mobilite": "1"},
    {"code_rome": "D1102", "code_rome_cible": "D1202", "code_type_mobilite": "2"},
    {"code_rome": "D1104", "code_rome_cible": "D1102", "code_type_mobilite": "1"},
)

RNCP_ROW: Row = {"rncp": "RNCP18704", "intitule": "Boulanger", "niveau_eu": "3", "romes": "D1102"}


def write_data(folder: Path, formations: Iterable[Mapping[str, str]] = ({},)) -> Path:
    """Write a complete data folder; each formation has only its differences from FORMATION_ROW."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "communes.csv", COMMUNE_ROWS)
    write_csv(folder / "romes.csv", ROME_ROWS, ";")
    write_csv(folder / "appellations.csv", APPELLATION_ROWS, ";")
    write_csv(folder / "etablissements.csv", [ETABLISSEMENT_ROW])
    write_csv(folder / "rncp.csv", [RNCP_ROW])
    write_csv(folder / "rome_mobilite.csv", MOBILITE_ROWS)
    write_csv(folder / "formations.csv", [{**FORMATION_ROW, **changes} for changes in formations])
    (folder / "domaines_metiers.json").write_bytes(orjson.dumps(DOMAINES))
    return folder


async def load_data(
    data: Path, state: Path, console: ImportConsole, *, fictive: bool = False, today: date = TODAY
) -> list[ImportReport]:
    """Import the folder with `force`; returns the reports."""
    work = Import(data, Origin(FICTIVE_SOURCE if fictive else REAL_SOURCE, fictive, today), console)
    await load(work, FolderDestination(state), console, force=True)
    return work.reports


def formation(  # noqa: PLR0913 - one argument a field
    identifier: str,
    intitule: str = "BOULANGER (CAP)",
    *,
    romes: Iterable[str] = ("D1102",),
    niveau: int = 3,
    rncp: str | None = None,
    point: tuple[float, float] | None = (48.86, 2.35),
    insee: str | None = "75111",
    departement: str | None = "75",
) -> Formation:
    return Formation(
        id=identifier,
        intitule=intitule,
        niveau=niveau,
        etablissement=Etablissement("13000285000019", "INSTITUT DU VIVANT"),
        lieu=Lieu(insee=insee, departement=departement, point=Point(*point) if point else None),
        source="test",
        romes=tuple(romes),
        rncp=rncp,
    )
