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
from services.matcha.communes import Communes
from services.matcha.fictif import ONE_IN
from services.matcha.load import read_fictifs, read_opcos
from tests.support.matcha.builders import NOW
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


def test_table_without_one_opco_is_refused(tmp_path: Path) -> None:
    (tmp_path / "idcc_opco.csv").write_text("IDCC;Opérateur de compétences\nNA;AFDAS\n", encoding="utf-8-sig")

    with pytest.raises(BadFile):
        read_opcos(tmp_path, ImportReport("opcos"))


@pytest.mark.parametrize(
    ("code_postal", "nom", "expected"),
    [
        ("42000", "ST ETIENNE", "42218"),
        ("42000", "Saint-Étienne Cedex 2", "42218"),
        ("01400", "whatever", "01001"),
        ("42100", "Lyon", None),
        ("99999", "Nowhere", None),
    ],
)
def test_commune_is_found_by_postal_code_and_name(code_postal: str, nom: str, expected: str | None) -> None:
    communes = Communes()
    communes.add("42218", "Saint-Étienne", ["42000", "42100"])
    communes.add("42999", "Autre", ["42000", "42100"])
    communes.add("01001", "L'Abergement-Clémenciat", ["01400"])

    assert communes.code_of(code_postal, nom) == expected
