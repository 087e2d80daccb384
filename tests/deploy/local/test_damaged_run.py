"""`make run` on a damaged state folder says what is damaged and imports it again; starts the real system."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.common.generation import damage_of
from tests.support.damage import DAMAGES
from tests.support.mongo import free_port
from tests.support.repository import REPOSITORY

pytestmark = [pytest.mark.server, pytest.mark.slow]

FOLDERS = ("catalogue", "jobs", "prediction", "sandbox")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("system") / "state"
    assert _import(folder).returncode == 0
    return folder


def _import(state: Path) -> subprocess.CompletedProcess[str]:
    words = ("--import-only", "--state", str(state), "--port", str(free_port()))
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", *words],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_data_is_named_and_imported_again_and_nothing_else(state: Path, damage: str) -> None:
    """The largest file of the first two folders; the others stay whole."""
    victims = {
        name: max((state / name / "current").resolve().rglob("*"), key=lambda path: path.stat().st_size)
        for name in FOLDERS[:2]
    }
    for path in victims.values():
        DAMAGES[damage](path)

    run = _import(state)

    assert run.returncode == 0
    for name in FOLDERS:
        named = [line for line in run.stdout.splitlines() if line.endswith(f": {name} is imported again")]
        assert (len(named) == 1) == (name in victims)
        assert all(line.startswith(f"{victims[name]}: ") for line in named)
        assert (f"== {name}" in run.stdout) == (name in victims)
        assert damage_of(state / name) == ""


def test_damaged_database_is_named_and_left(state: Path) -> None:
    catalog = state / "mongodb" / "_mdb_catalog.wt"
    content = catalog.read_bytes()
    DAMAGES["halved"](catalog)

    run = _import(state)
    said = [line for line in run.stdout.splitlines() if line.startswith("la-bonne-alternance: ")]
    halved = catalog.read_bytes()
    catalog.write_bytes(content)

    assert run.returncode == 1
    assert f"MongoDB can't work with {state / 'mongodb'}: " in said[0]
    assert "_mdb_catalog.wt" in said[0]
    assert any(f"python -m deploy.local.repair --state {state}" in line for line in said)
    assert halved == content[: len(content) // 2]
