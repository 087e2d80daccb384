from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from deploy.local.data import REQUIRED_FILES
from deploy.local.demonstration.facts import FOLDER, Facts
from deploy.local.demonstration.fictitious import FICTITIOUS_SIREN_PREFIX, fictitious_siret
from deploy.local.demonstration.writing import write_demonstration
from services.common.table import find_file, read_json, read_rows
from services.france.geo import Point, distance_km

CITIES_FROM = 100_000
COMMON_ROMES = ("D1102", "D1106", "G1602", "I1604", "D1202", "M1805", "J1501")
COMMON_NAFS = ("1071C", "5610A", "4520A", "9602A", "4711F", "6201Z", "8810A")

FRANCE_BOXES = (
    (41.3, 51.2, -5.3, 9.7),  # mainland and Corsica
    (15.8, 16.6, -61.9, -61.0),  # Guadeloupe
    (14.3, 15.0, -61.3, -60.8),  # Martinique
    (2.1, 5.8, -54.6, -51.6),  # Guyane
    (-21.5, -20.8, 55.2, 55.9),  # La Réunion
    (-13.1, -12.6, 45.0, 45.4),  # Mayotte
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demonstration")
    write_demonstration(folder)
    return folder


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    return [row for _, row in read_rows(folder, name, ())]


def _passes_luhn(digits: str) -> bool:
    values = (int(digit) * (1 + rank % 2) for rank, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in values) % 10 == 0


def _point(row: dict[str, str]) -> Point:
    return Point(float(row["latitude"]), float(row["longitude"]))


def test_same_bytes_each_time(folder: Path, tmp_path: Path) -> None:
    write_demonstration(tmp_path)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }


def test_holds_the_files_that_importers_need(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == set(REQUIRED_FILES)


@pytest.mark.parametrize("name", [name for name in REQUIRED_FILES if name.endswith(".csv")])
def test_headings_are_those_of_the_open_data(name: str, folder: Path, real_data: Path) -> None:
    delimiter = ";" if name in ("romes.csv", "appellations.csv", "naf.csv", "idcc_opco.csv") else ","

    _, ours = next(read_rows(folder, name, (), delimiter))
    _, theirs = next(read_rows(real_data, name, (), delimiter))

    assert list(ours) == list(theirs)


@pytest.mark.parametrize("name", ["domaines_metiers.json", "synonymes.json"])
def test_json_has_the_shape_of_the_open_data(name: str, folder: Path, real_data: Path) -> None:
    ours, theirs = read_json(folder, name), read_json(real_data, name)

    assert {key: type(value) for key, value in ours[0].items()} == {
        key: type(value) for key, value in theirs[0].items()
    }


def test_facts_are_true(folder: Path, real_data: Path) -> None:
    communes = {row["code_insee"]: row for row in _rows(real_data, "communes.csv")}
    same = ("nom", "codes_postaux", "population", "dep_code", "reg_code", "latitude", "longitude")

    for row in _rows(folder, "communes.csv"):
        assert {key: row[key] for key in same} == {key: communes[row["code_insee"]][key] for key in same}


def test_facts_are_extracts() -> None:
    assert all(path.stat().st_size < 60_000 for path in FOLDER.iterdir())


def test_sizes(folder: Path) -> None:
    formations = _rows(folder, "formations.csv")

    assert 2_200 < sum(row["published"] == "1" for row in formations) < 2_800
    assert 0 < sum(row["published"] == "0" for row in formations) < 100
    assert len(_rows(folder, "etablissements.csv")) == 250
    assert len(_rows(folder, "entreprises.csv")) == 4_000
    assert 280 <= len(_rows(folder, "communes.csv")) <= 320


def test_sirets_are_well_formed_and_belong_to_nobody(folder: Path) -> None:
    sirets = [
        row["siret"] for name in ("etablissements.csv", "entreprises.csv") for row in _rows(folder, name)
    ]

    assert len(set(sirets)) == len(sirets)
    assert all(len(siret) == 14 and siret.isdigit() for siret in sirets)
    assert all(_passes_luhn(siret) and _passes_luhn(siret[:9]) for siret in sirets)
    assert all(siret.startswith(FICTITIOUS_SIREN_PREFIX) for siret in sirets)


@pytest.mark.parametrize("number", [-1, 0, 10_000])
def test_the_range_of_fictitious_companies_ends(number: int) -> None:
    with pytest.raises(ValueError, match="fictitious companies"):
        fictitious_siret(number)


def test_no_real_siret_is_taken(folder: Path, real_data: Path) -> None:
    real = {
        row["siret"] for name in ("etablissements.csv", "entreprises.csv") for row in _rows(real_data, name)
    }
    ours = {row["siret"] for name in ("etablissements.csv", "entreprises.csv") for row in _rows(folder, name)}

    assert not real & ours


def test_names_say_that_they_are_invented(folder: Path) -> None:
    schools, employers = _rows(folder, "etablissements.csv"), _rows(folder, "entreprises.csv")

    assert all("démonstration" in row["enseigne"] for row in schools)
    assert all("FICTI" in row["raison_sociale"] for row in employers)


def test_ids_are_unique(folder: Path) -> None:
    ids = Counter(row["id"] for row in _rows(folder, "formations.csv"))

    assert set(ids.values()) == {1}


@pytest.mark.parametrize("name", ["communes.csv", "formations.csv", "etablissements.csv", "entreprises.csv"])
def test_points_are_in_france(name: str, folder: Path) -> None:
    for row in _rows(folder, name):
        point = _point(row)
        assert any(
            south <= point.latitude <= north and west <= point.longitude <= east
            for south, north, west, east in FRANCE_BOXES
        ), row


def test_trainings_and_employers_are_in_their_commune(folder: Path) -> None:
    communes = {row["code_insee"]: row for row in _rows(folder, "communes.csv")}

    for name, insee, postcode in (
        ("formations.csv", "lieu_code_insee", "lieu_code_postal"),
        ("entreprises.csv", "code_insee", "code_postal"),
    ):
        for row in _rows(folder, name):
            commune = communes[row[insee]]
            assert distance_km(_point(row), _point(commune)) < 3
            assert row[postcode] in commune["codes_postaux"].split("|")


def test_every_city_has_the_common_trainings_and_employers_within_30_km(folder: Path) -> None:
    formations, employers = _rows(folder, "formations.csv"), _rows(folder, "entreprises.csv")

    for city in Facts().places:
        if city.population < CITIES_FROM:
            break
        middle = Point(city.latitude, city.longitude)
        near = [row for row in formations if distance_km(_point(row), middle) <= 30]
        assert {rome for row in near for rome in row["romes"].split("|")} >= set(COMMON_ROMES), city.nom
        assert {row["naf"] for row in employers if row["code_insee"] == city.insee} >= set(COMMON_NAFS)


def test_codes_refer_to_rows_that_are_there(folder: Path) -> None:
    romes = {row["code_rome"] for _, row in read_rows(folder, "romes.csv", (), ";")}
    rncps = {row["rncp"] for row in _rows(folder, "rncp.csv")}
    nafs = {row["code"] for _, row in read_rows(folder, "naf.csv", (), ";")}
    schools = {row["siret"] for row in _rows(folder, "etablissements.csv")}

    for row in _rows(folder, "formations.csv"):
        assert set(row["romes"].split("|")) <= romes
        assert row["rncp"] in rncps
        assert row["formateur_siret"] in schools
    assert {row["naf"] for row in _rows(folder, "entreprises.csv")} <= nafs
    assert {row["rome_id"] for row in _rows(folder, "naf_rome_embauches.csv")} <= romes
    jobs = json.loads(find_file(folder, "domaines_metiers.json").read_bytes())
    assert {rome for job in jobs for rome in job["codes_romes"]} <= romes


def test_facts_have_no_stray_cells() -> None:
    for path in FOLDER.iterdir():
        with path.open(encoding="utf-8", newline="") as lines:
            widths = {len(row) for row in csv.reader(lines)}
        assert len(widths) == 1, path.name
