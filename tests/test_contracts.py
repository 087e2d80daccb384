from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.support.repository import REPOSITORY

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def buf() -> str:
    folders = [str(REPOSITORY / "node_modules" / ".bin"), os.environ.get("PATH", "")]
    found = shutil.which("buf", path=os.pathsep.join(folders))
    if found is None:
        pytest.skip("buf is neither on PATH nor in node_modules: npm install --no-save @bufbuild/buf")
    return found


@pytest.mark.parametrize(
    "words", [["lint"], ["breaking", "--against", "protos/released.binpb"]], ids=["rules", "released"]
)
def test_contracts_keep_the_rules_of_buf_and_what_was_released(buf: str, words: list[str]) -> None:
    run = subprocess.run([buf, *words], cwd=REPOSITORY, capture_output=True, text=True, check=False)

    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
