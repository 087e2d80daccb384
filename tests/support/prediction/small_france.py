"""A data folder with a few hundred employers of four sectors in three communes, for the tests here."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from stdnum import luhn

TRANCHES = ("", "NN", "00", "01", "02", "03", "11", "12", "21")

COMMUNES: Sequence[Mapping[str, str]] = (
    {"code_insee": "75056", "nom": "Paris", "codes_postaux": "75001|75002", "dep_code": "75",
     "latitude": "48.86", "longitude": "2.34", "anciens_codes": ""},
    {"code_insee": "93066", "nom": "Saint-Denis", "codes_postaux": "93200|93210", "dep_code": "93",
     "latitude": "48.93", "longitude": "2.36", "anciens_codes": "93059"},
    {"code_insee": "69123", "nom": "Lyon", "codes_postaux": "69001", "dep_code": "69",
     "latitude": "45.76", "longitude": "4.84", "anciens_codes": ""},
    {"code_insee": "97311", "nom": "Saint-Laurent-du-Maroni", "codes_postaux": "97320", "dep_code": "973",
     "latitude": "5.00", "longitude": "-54.00", "anciens_codes": ""},
    {"code_insee": "85165", "nom": "L'Oie", "codes_postaux": "85140", "dep_code": "85",
     "latitude": "", "longitude": "", "anciens_codes": ""},
)  # fmt: skip

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
    _write(folder / "entreprises.csv", employers)
    _write(folder / "communes.csv", COMMUNES)
    _write(folder / "naf.csv", [{"code": code, "libelle": name} for code, name in NAFS.items()], ";")
    jobs = [
        {"rome_id": rome, "rome_label": ROMES.get(rome, rome), "naf_id": naf, "hirings": str(count)}
        for (rome, naf), count in JOB_HIRINGS.items()
    ]
    _write(folder / "naf_rome_embauches.csv", jobs)
    return folder


def _write(path: Path, rows: Iterable[Mapping[str, str]], delimiter: str = ",") -> None:
    rows = list(rows)
    with path.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
