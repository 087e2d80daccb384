from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_contracts_keep_the_rules_of_buf() -> None:
    folders = [str(ROOT / "node_modules" / ".bin"), os.environ.get("PATH", "")]
    buf = shutil.which("buf", path=os.pathsep.join(folders))
    if buf is None:
        pytest.skip("buf is neither on PATH nor in node_modules: npm install @bufbuild/buf")

    lint = subprocess.run([buf, "lint"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (lint.returncode, lint.stdout, lint.stderr) == (0, "", "")
