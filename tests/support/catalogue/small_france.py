"""A few communes, trainings and tables in the format of the open data, and a function to write them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from services.catalogue.commune import Commune, Communes
from services.catalogue.engine.tantivy.destination import FolderDestination
from services.catalogue.etablissement import Etablissement, Lieu
from services.catalogue.formation import Formation
from services.catalogue.importing.data_folder import Import
from services.catalogue.importing.formations import Origin
from services.catalogue.load import FICTIVE_SOURCE, REAL_SOURCE, load
from services.common.report import ImportConsole, ImportReport
from services.common.table import row_id
from services.france.geo import Point

TODAY = date(2026, 11, 23)

Row = dict[str, str]


def served_id(identifier: str) -> str:
    """The id of the training made from FORMATION_ROW with this value in the column `id`."""
    return row_id(identifier, "24_10", "100")


_REGIONS = {
    "75": ("Paris", "11", "Île-de-France"),
    "93": ("Seine-Saint-Denis", "11", "Île-de-France"),
    "76": ("Seine-Maritime", "28", "Normandie"),
    "80": ("Somme", "32", "Hauts-de-France"),
    "69": ("Rhône", "84", "Auvergne-Rhône-Alpes"),
    "13": ("Bouches-du-Rhône", "93", "Provence-Alpes-Côte d'Azur"),
    "72": ("Sarthe", "52", "Pays de la Loire"),
    "42": ("Loire", "84", "Auvergne-Rhône-Alpes"),
    "2A": ("Corse-du-Sud", "94", "Corse"),
    "2B": ("Haute-Corse", "94", "Corse"),
    "974": ("La Réunion", "04", "La Réunion"),
    "987": ("Polynésie française", "987", "Polynésie française"),
}


def commune_row(  # noqa: PLR0913 - one argument a column
    insee: str,
    nom: str,
    postal: str,
    population: int,
    point: tuple[float, float] | None,
    *,
    parent: str = "",
    former: str = "",
) -> Row:
    dep = insee[:3] if insee.startswith(("97", "98")) else insee[:2]
    nom_dep, reg, nom_reg = _REGIONS[dep]
    return {
        "code_insee": insee,
        "nom": nom,
        "commune_parente": parent,
        "codes_postaux": postal,
        "population": str(population),
        "dep_code": dep,
        "dep_nom": nom_dep,
        "reg_code": reg,
        "reg_nom": nom_reg,
        "latitude": str(point[0]) if point else "",
        "longitude": str(point[1]) if point else "",
        "anciens_codes": former,
    }


COMMUNE_ROWS = (
    commune_row("75056", "Paris", "75001|75011", 2_103_778, (48.86, 2.34445)),
    commune_row("75101", "Paris 1er Arrondissement", "75001", 15_114, (48.862, 2.33594), parent="75056"),
    commune_row("75111", "Paris 11e Arrondissement", "75011", 138_170, (48.85915, 2.3794), parent="75056"),
    commune_row("69123", "Lyon", "69001|69003", 519_127, (45.7589, 4.84139), former="69232"),
    commune_row("69381", "Lyon 1er Arrondissement", "69001", 28_710, (45.77, 4.828), parent="69123"),
    commune_row("69383", "Lyon 3e Arrondissement", "69003", 100_679, (45.753, 4.869), parent="69123"),
    commune_row("13055", "Marseille", "13001|13011", 886_040, (43.2967, 5.37639)),
    commune_row("13201", "Marseille 1er Arrondissement", "13001", 37_599, (43.299, 5.384), parent="13055"),
    commune_row("13211", "Marseille 11e Arrondissement", "13011", 57_000, (43.287, 5.483), parent="13055"),
    commune_row("93066", "Saint-Denis", "93200|93210", 149_077, (48.936, 2.357)),
    commune_row("97411", "Saint-Denis", "97400|97417", 155_634, (-20.94342, 55.4444)),
    commune_row("93039", "L'Île-Saint-Denis", "93450", 8_696, (48.935, 2.34)),
    commune_row("42218", "Saint-Étienne", "42000|42100", 173_136, (45.434, 4.39)),
    commune_row("97418", "Sainte-Marie", "97438", 37_093, (-20.897, 55.549)),
    commune_row("72181", "Le Mans", "72000|72100", 146_249, (48.008, 0.199)),
    commune_row("76255", "Eu", "76260", 6_499, (50.05, 1.42)),
    commune_row("80829", "Y", "80190", 90, (49.80, 2.99)),
    commune_row("93079", "Villetaneuse-d'Œuvre", "93430", 13_000, (48.957, 2.345), former="93999"),
    commune_row("2A004", "Ajaccio", "20000|20090", 76_320, (41.92274, 8.70583), former="20004"),
    commune_row("2B033", "Bastia", "20200|20600", 48_000, (42.7, 9.45)),
    commune_row("98735", "Papeete", "98714", 26_000, None),
)

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


def write_csv(path: Path, rows: Iterable[Row], delimiter: str = ",") -> None:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


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


def commune(row: Row) -> Commune:
    point = Point(float(row["latitude"]), float(row["longitude"])) if row["latitude"] else None
    return Commune(
        insee=row["code_insee"],
        nom=row["nom"],
        departement=row["dep_code"],
        departement_nom=row["dep_nom"],
        region=row["reg_code"],
        region_nom=row["reg_nom"],
        codes_postaux=tuple(row["codes_postaux"].split("|")),
        population=int(row["population"]),
        point=point,
        commune_parente=row["commune_parente"] or None,
        anciens_codes=tuple(filter(None, row["anciens_codes"].split("|"))),
    )


def communes() -> Communes:
    return Communes([commune(row) for row in COMMUNE_ROWS])


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
