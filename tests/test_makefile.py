"""What `make` does when something was cut short or goes wrong; nothing is downloaded."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.repository import REPOSITORY

pytestmark = pytest.mark.server

# What a `make test` passes down is not for another make.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
RUN_TIME = ".venv/.run"
MADE_AGAIN = "it is made again"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The Makefile, and a lock file without any package."""
    shutil.copy(REPOSITORY / "Makefile", tmp_path)
    (tmp_path / "requirements.lock").touch()
    return tmp_path


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["make", *words]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)


def make_environment(folder: Path, python: str = sys.executable) -> str:
    done = make(folder, RUN_TIME, f"PYTHON={python}")
    assert done.returncode == 0, done.stderr
    assert (folder / RUN_TIME).exists()
    assert not (folder / ".venv" / ".installing").exists()
    return done.stdout


def test_an_environment_is_made_once_and_again_after_what_spoilt_it(folder: Path) -> None:
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / RUN_TIME).touch()
    (folder / ".venv" / "bin" / "python").symlink_to("/no/such/python")
    assert MADE_AGAIN in make_environment(folder)

    assert make_environment(folder) == f"make: '{RUN_TIME}' is up to date.\n"

    # As a Ctrl-C in the middle of pip leaves it.
    (folder / ".venv" / ".installing").touch()
    left = folder / ".venv" / "left"
    left.touch()
    assert MADE_AGAIN in make_environment(folder)
    assert not left.exists()


def test_without_a_python_it_says_which_ones_it_looked_for(folder: Path) -> None:
    done = make(folder, RUN_TIME, "PYTHON=/no/such/python")

    assert done.returncode != 0
    assert "no Python from 3.11 up, with its venv module, named /no/such/python." in done.stderr
    assert not (folder / ".venv").exists()


def test_a_failed_export_leaves_the_schema_as_it_was(folder: Path) -> None:
    (folder / "gateway").mkdir()
    schema = folder / "gateway" / "schema.graphql"
    schema.write_text("type Query { a: Int }")

    done = make_with_own_python(folder, "schema")

    assert done.returncode != 0
    assert schema.read_text() == "type Query { a: Int }"
    assert [path.name for path in schema.parent.iterdir()] == [schema.name]


def test_a_proto_that_is_refused_leaves_the_generated_code_as_it_was(folder: Path) -> None:
    (folder / "protos").mkdir()
    (folder / "protos" / "good.proto").write_text('syntax = "proto3";')
    (folder / "protos" / "wrong.proto").write_text("not a contract")
    generated = folder / "protos" / "good_pb2.py"
    generated.write_text("before")

    done = make_with_own_python(folder, "protos")

    assert done.returncode != 0
    assert generated.read_text() == "before"


def make_with_own_python(folder: Path, target: str) -> subprocess.CompletedProcess[str]:
    stamp = f"{sys.prefix}/.dev"
    return make(folder, f"--assume-old={stamp}", target, f"VENV={sys.prefix}", f"PY={sys.executable}")
