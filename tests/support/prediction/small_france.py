"""A data folder with a few hundred employers of four sectors in three communes, for the tests here."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from pathlib import Path

from stdnum import luhn

from tests.support.csv_files import write_csv
from tests.support.france.communes import commune_row

TRANCHES = ("", "NN", "00", "01", "02", "03", "11", "12", "21")

COMMUNES = (
    commune_row("75056", "Paris", "75001|75002", 2_103_778, (48.86, 2.34)),
    commune_row("93066", "Saint-Denis", "93200|93210", 149_077, (48.93, 2.36), former="93059"),
    commune_row("69123", "Lyon", "69001", 519_127, (45.76, 4.84)),
    commune_row("97311", "Saint-Laurent-du-Maroni", "97320", 50_250, (5.0, -54.0)),
    commune_row("85165", "L'Oie", "85140", 1_300, None),
)

NAFS = {
    "1071C": "Boulangerie et boulangerie-pâtisserie",
    "5610A": "Restauration traditionnelle",
    "4520A": "Entretien et réparation de véhicules automobiles légers",
    "6820B": "Location de terrains et d'autres biens immobiliers",
}

ROMES = {"D1102": "Boulangerie - viennoiserie", "D1106": "Vente en alimentation", "G1602": "Cuisine"}

JOB_HIRINGS = {
    ("D1102", "1071C"): 60,
    ("D1106", "1071C"): 40,
    ("G1602", "5610A"): 70,
    ("D1106", "5610A"): 30,
    ("I1604", "4520A"): 90,
    ("D1106", "4520A"): 10,
}


def siret(number: int) -> str:
    """The SIRET, check digits included, of the head office of the company of this number."""
    siren = f"{number:08d}" + luhn.calc_check_digit(f"{number:08d}")
    return f"{siren}0001" + luhn.calc_check_digit(f"{siren}0001")


def employer(number: int, **changes: str) -> dict[str, str]:
    """A row of entreprises.csv, the same for the same number."""
    chance = random.Random(number)
    commune = chance.choice(COMMUNES[:3])
    row = {
        "siret": siret(number),
        "raison_sociale": f"EMPLOYEUR {number}",
        "enseigne": chance.choice(("", f"Chez {number}")),
        "naf": chance.choice(tuple(NAFS)),
        "tranche_effectif": chance.choice(TRANCHES),
        "adresse": f"{number} RUE DE L'ÉGLISE",
        "code_postal": commune["codes_postaux"].split("|")[0],
        "code_insee": chance.choice((commune["code_insee"], "")),
        "commune": commune["nom"],
        # Few decimals, so that several employers are at the same place.
        "latitude": f"{float(commune['latitude']) + chance.uniform(-0.1, 0.1):.2f}",
        "longitude": f"{float(commune['longitude']) + chance.uniform(-0.1, 0.1):.2f}",
        "source": "test",
    }
    return row | changes


def write_data(folder: Path, employers: Iterable[Mapping[str, str]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "entreprises.csv", employers)
    write_csv(folder / "communes.csv", COMMUNES)
    write_csv(folder / "naf.csv", [{"code": code, "libelle": name} for code, name in NAFS.items()], ";")
    jobs = [
        {"rome_id": rome, "rome_label": ROMES.get(rome, rome), "naf_id": naf, "hirings": str(count)}
        for (rome, naf), count in JOB_HIRINGS.items()
    ]
    write_csv(folder / "naf_rome_embauches.csv", jobs)
    return folder
