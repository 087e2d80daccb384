"""A few communes of the shape of the open data, and the table made of any such rows."""

from __future__ import annotations

from collections.abc import Iterable

from services.common.report import ImportReport
from services.france.codes import departement_of
from services.france.communes import Commune, Communes
from services.france.importing import read_communes

Row = dict[str, str]

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
    "46": ("Lot", "76", "Occitanie"),
    "78": ("Yvelines", "11", "Île-de-France"),
    "85": ("Vendée", "52", "Pays de la Loire"),
    "973": ("Guyane", "03", "Guyane"),
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
    """A row of communes.csv."""
    dep = departement_of(insee)
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


def communes_of(rows: Iterable[Row]) -> list[Commune]:
    return read_communes(enumerate(rows, start=2), ImportReport("communes"))


def table_of(rows: Iterable[Row] = COMMUNE_ROWS) -> Communes:
    return Communes(communes_of(rows))
