from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from services.common.report import ImportConsole, ImportReport
from services.common.table import BadFile, row_id
from services.rdv.fictif import is_open
from services.rdv.load import read_formations
from tests.support.repository import REPOSITORY

HEADING = "id,id_action,id_certifinfo,published,formateur_siret\n"


def _import(data: Path, url: str, name: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "RDV_MONGODB_URL": url, "RDV_MONGODB_DATABASE": name}
    command = [sys.executable, "-m", "services.rdv.load", "--data", str(data), *options]
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )


def test_command_opens_hours_and_closes_them(
    demonstration: Path, database_url: str, database_name: str
) -> None:
    first = _import(demonstration, database_url, database_name, "--fictive")
    assert first.returncode == 0, first.stderr
    with MongoClient[dict[str, Any]](database_url) as client:
        database = client[database_name]
        formations = database["formations"].count_documents({})
        sirets = len(database["formations"].distinct("siret"))
        assert 0 < database["disponibilites"].count_documents({"fictive": True}) < sirets

        assert _import(demonstration, database_url, database_name).returncode == 0
        assert database["disponibilites"].count_documents({}) == 0
        assert database["formations"].count_documents({}) == formations


def test_rows_are_kept_or_rejected_for_a_reason(tmp_path: Path) -> None:
    rows = [
        "a,x,1,1,73282932000074",
        "b,x,1,0,73282932000074",
        "c,x,1,1,",
        ",x,1,1,73282932000074",
        "a,x,1,1,44306184100047",
        "a,y,1,1,73282932000074",
    ]
    (tmp_path / "formations.csv").write_text(HEADING + "\n".join(rows), encoding="utf-8")
    report = ImportReport("trainings")

    assert read_formations(tmp_path, report, ImportConsole()) == {
        row_id("a", "x", "1"): "44306184100047",
        row_id("a", "y", "1"): "73282932000074",
    }
    assert (report.read, report.accepted, sum(report.rejected.values())) == (6, 3, 3)


def test_file_without_a_published_training_is_refused(tmp_path: Path) -> None:
    (tmp_path / "formations.csv").write_text(HEADING, encoding="utf-8")

    with pytest.raises(BadFile):
        read_formations(tmp_path, ImportReport("trainings"), ImportConsole())


def test_about_six_in_ten_real_training_centres_are_open(real_data: Path) -> None:
    sirets = set(read_formations(real_data, ImportReport("trainings"), ImportConsole()).values())

    assert 0.55 < sum(map(is_open, sirets)) / len(sirets) < 0.65
