"""An import that can't write says so and changes nothing; runs the importers with too little room."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.demonstration.writing import write_demonstration
from services.common.generation import current_generation, damage_of
from tests.support.repository import REPOSITORY

pytestmark = [pytest.mark.server, pytest.mark.slow]

IMPORTERS = ("services.catalogue", "services.jobs", "services.prediction", "deploy.sandbox")

LIMITED = """
import resource, runpy, sys
limit, module, *sys.argv[1:] = int(sys.argv[1]), *sys.argv[2:]
sys.argv[0] = module
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
runpy.run_module(module, run_name="__main__")
"""
"""Runs a module that may write no file larger than the first argument: the system then refuses to write."""


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demonstration")
    write_demonstration(folder)
    return folder


@pytest.fixture(scope="session", params=IMPORTERS)
def module(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def imported(module: str, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of the module, once imported whole."""
    state = tmp_path_factory.mktemp(module)
    assert _load(module, data, state).returncode == 0
    return state


def _load(module: str, data: Path, state: Path, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    words = [f"{module}.load", "--data", str(data), "--state", str(state)]
    words += ["--force"] if module == "services.catalogue" else []
    start = ["-m"] if limit is None else ["-c", LIMITED, str(limit)]
    return subprocess.run(
        [sys.executable, *start, *words], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )


def _sizes(state: Path) -> list[int]:
    folder = current_generation(state)
    assert folder is not None
    return sorted(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _check_nothing_changed(run: subprocess.CompletedProcess[str], state: Path, before: Path | None) -> None:
    last = run.stderr.splitlines()[-1]
    assert run.returncode == 1
    assert last.startswith(("nothing imported: ", "import failed, nothing has changed: "))
    assert str(state) in last
    assert " MB free on its disk)" in last
    assert "Traceback" not in run.stderr
    assert current_generation(state) == before
    assert damage_of(state) == ""
    assert list(state.glob("*.unfinished")) == []


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_import_without_room_says_so_and_the_old_data_stays(
    module: str, data: Path, imported: Path, share: float
) -> None:
    """The limit is just below the size of a file that it writes: the smallest, one between, the largest."""
    sizes = [size for size in _sizes(imported) if size > 64]
    limit = sizes[int(share * (len(sizes) - 1))] - 1
    before = current_generation(imported)

    run = _load(module, data, imported, limit)

    _check_nothing_changed(run, imported, before)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 kB, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or not shutil.which("mount") or subprocess.run(words, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk_is_said_and_room_makes_the_next_import_work(
    module: str, data: Path, small_disk: Path
) -> None:
    state = small_disk / "state"
    (small_disk / "others").write_bytes(b"x" * 350_000)

    _check_nothing_changed(_load(module, data, state), state, None)
    (small_disk / "others").unlink()
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)

    assert _load(module, data, state).returncode == 0
    assert damage_of(state) == ""
