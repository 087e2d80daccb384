from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from services.common.report import ImportConsole, ImportReport
from services.common.table import BadFile
from services.common.texts import MENDED
from services.matcha.fictif import ONE_IN
from services.matcha.load import read_fictifs, read_opcos
from tests.support.matcha.builders import NOW
from tests.support.prediction.small_france import employer, write_data
from tests.support.repository import REPOSITORY

OPCOS = {
    "AFDAS",
    "AKTO",
    "ATLAS",
    "Constructys",
    "L'Opcommerce",
    "OCAPIAT",
    "OPCO 2i",
    "Opco entreprises de proximité",
    "Opco Mobilités",
    "Opco Santé",
    "Uniformation",
}


def _import(data: Path, url: str, name: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MATCHA_MONGODB_URL": url, "MATCHA_MONGODB_DATABASE": name}
    command = [sys.executable, "-m", "services.matcha.load", "--data", str(data), *options]
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )


def test_command_puts_up_fictitious_needs_and_takes_them_down(
    demonstration: Path, database_url: str, database_name: str
) -> None:
    assert _import(demonstration, database_url, database_name, "--fictive").returncode == 0
    with MongoClient[dict[str, Any]](database_url) as client:
        besoins = client[database_name]["besoins"]
        count = besoins.count_documents({"fictive": True, "statut": "ACTIF"})
        again = _import(demonstration, database_url, database_name, "--fictive")
        assert besoins.count_documents({}) == count > 0
        assert f"fictitious needs: {count} read, {count} accepted" in again.stderr
        assert all(each["contact"]["email"].endswith(".invalid") for each in besoins.find())
        assert client[database_name]["opcos"].count_documents({}) > 0

        assert _import(demonstration, database_url, database_name).returncode == 0
        assert besoins.count_documents({}) == 0


def test_folder_without_its_files_changes_nothing(
    tmp_path: Path, database_url: str, database_name: str
) -> None:
    finished = _import(tmp_path, database_url, database_name, "--fictive")

    assert finished.returncode == 1
    assert finished.stderr.startswith("nothing imported:")
    assert "idcc_opco.csv" in finished.stderr


def test_real_table_of_opcos_knows_the_eleven(real_data: Path) -> None:
    report = ImportReport("opcos")

    opcos = read_opcos(real_data, report)

    assert set(opcos.values()) == OPCOS
    assert opcos["843"] == "Opco entreprises de proximité"
    assert (report.accepted, dict(report.rejected)) == (330, {"no IDCC number": 5})


def test_real_establishments_give_the_same_needs_each_time(real_data: Path) -> None:
    reports = [ImportReport("needs"), ImportReport("needs")]

    first, second = (read_fictifs(real_data, NOW, report, ImportConsole()) for report in reports)

    assert first == second
    # Nearly all of the 40,421 establishments are small.
    assert 0.9 < len(first) / (40_421 / ONE_IN) < 1.1
    opcos = Counter(fictif.besoin.opco for fictif in first)
    assert set(opcos) <= OPCOS | {None}
    assert opcos[None] < len(first) / 20
    # A few have neither a postal code nor an INSEE code.
    assert sum(fictif.besoin.annonce.lieu.departement is None for fictif in first) < len(first) / 200


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"code_insee": "93066"}, ("93066", "93")),
        ({"code_insee": "93059"}, ("93066", "93")),
        ({"code_insee": ""}, ("93066", "93")),
        ({"code_insee": "", "commune": "La Plaine"}, ("93066", "93")),
        ({"code_insee": "", "commune": "Nulle-Part", "code_postal": "20200"}, (None, "2B")),
    ],
)
def test_needs_are_in_the_communes_of_today(
    tmp_path: Path, changes: dict[str, str], place: tuple[str | None, str]
) -> None:
    saint_denis = {"code_postal": "93200", "commune": "ST DENIS", "latitude": "48.93", "longitude": "2.36"}
    rows = [employer(each, tranche_effectif="", naf="1071C", **saint_denis) | changes for each in range(50)]
    data = write_data(tmp_path, rows)
    appellations = "code_rome;libelle_appellation_court\nD1102;Boulanger\nD1106;Vendeur\n"
    (data / "appellations.csv").write_text(appellations)

    fictifs = read_fictifs(data, NOW, ImportReport("needs"), ImportConsole())

    lieux = [fictif.besoin.annonce.lieu for fictif in fictifs]
    assert {(lieu.insee, lieu.departement) for lieu in lieux} == {place}


def test_names_of_fictitious_needs_are_mended(tmp_path: Path) -> None:
    names = {
        "raison_sociale": "PAIN &amp; CIE",
        "enseigne": "A\u200b B",
        "tranche_effectif": "",
        "naf": "1071C",
    }
    data = write_data(tmp_path, [employer(each, **names) for each in range(50)])
    appellations = "code_rome;libelle_appellation_court\nD1102;Boulanger\nD1106;Vendeur\n"
    (data / "appellations.csv").write_text(appellations)
    report = ImportReport("needs")

    fictifs = read_fictifs(data, NOW, report, ImportConsole())

    entreprises = [fictif.besoin.annonce.entreprise for fictif in fictifs]
    assert {(each.raison_sociale, each.enseigne) for each in entreprises} == {("PAIN & CIE", "A B")}
    assert report.corrected[MENDED] == len(fictifs)


def test_table_without_one_opco_is_refused(tmp_path: Path) -> None:
    (tmp_path / "idcc_opco.csv").write_text("IDCC;Opérateur de compétences\nNA;AFDAS\n", encoding="utf-8-sig")

    with pytest.raises(BadFile):
        read_opcos(tmp_path, ImportReport("opcos"))
