from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.repository import REPOSITORY

pytestmark = pytest.mark.server

PROTOS = REPOSITORY / "protos"


def test_generated_code_is_what_make_protos_writes(tmp_path: Path) -> None:
    shutil.copytree(PROTOS, tmp_path / "protos", ignore=lambda _, names: {n for n in names if "_pb2" in n})
    # What a `make test` passes down is not for another make.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    stamp = f"{sys.prefix}/.dev"
    command = ["make", "-f", str(REPOSITORY / "Makefile"), f"--assume-old={stamp}", "protos"]
    command += [f"VENV={sys.prefix}", f"PY={sys.executable}"]

    subprocess.run(command, cwd=tmp_path, env=environment, check=True)

    fresh = _generated(tmp_path / "protos")
    committed = _generated(PROTOS)
    assert sorted(fresh) == sorted(committed)
    assert [name for name in fresh if fresh[name] != committed[name]] == [], "run `make protos`"


def _generated(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*_pb2*.py*")}
