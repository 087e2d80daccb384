"""Every file of every state folder, damaged in every way, is named; runs the importers and the services."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.local.demonstration.writing import write_demonstration
from deploy.sandbox import offres
from services.catalogue.engine.tantivy import store as tantivy
from services.catalogue.tables import read_tables
from services.common.generation import Format, StateUnreadable, current_generation, read_generation
from services.france.stored_communes import read_communes
from services.jobs import state as jobs
from services.prediction import table as prediction
from tests.support.damage import DAMAGES, damaged
from tests.support.repository import REPOSITORY

pytestmark = [pytest.mark.server, pytest.mark.slow]


@dataclass(frozen=True)
class Reader:
    """How a service reads its folder."""

    module: str
    layout: Format
    read: Callable[[Path], Any]


READERS = (
    Reader(
        "services.catalogue",
        tantivy.FORMAT,
        lambda folder: (tantivy.TantivyFormationStore.open(folder), read_tables(folder)),
    ),
    Reader("services.jobs", jobs.FORMAT, read_communes),
    Reader("services.prediction", prediction.FORMAT, prediction.read_table),
    Reader("deploy.sandbox", offres.FORMAT, offres.read_offres),
)

every_reader = pytest.mark.parametrize("reader", READERS, ids=lambda each: each.module)


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demonstration")
    write_demonstration(folder)
    return folder


def _load(module: str, data: Path, state: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", f"{module}.load", "--data", str(data), "--state", str(state)]
    return subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def imported(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The state folder that the importer of a module wrote; not to be changed."""
    states: dict[str, Path] = {}

    def state_of(module: str) -> Path:
        if module not in states:
            states[module] = tmp_path_factory.mktemp(module)
            assert _load(module, demonstration, states[module]).returncode == 0
        return states[module]

    return state_of


@pytest.fixture
def state(reader: Reader, imported: Callable[[str], Path], tmp_path: Path) -> Path:
    """A copy of the state folder, to be damaged."""
    folder = tmp_path / "state"
    shutil.copytree(imported(reader.module), folder, symlinks=True)
    return folder


def _files(state: Path) -> list[Path]:
    generation = current_generation(state)
    assert generation is not None
    return sorted(path for path in generation.rglob("*") if path.is_file())


@every_reader
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_file_is_named_with_the_command_that_mends_it(
    reader: Reader, state: Path, damage: str
) -> None:
    read_generation(state, reader.layout, reader.read)
    mending = f"mend it with: python -m {reader.module}.load --state {state} --data DIR"

    for path in damaged(_files(state), damage):
        with pytest.raises(StateUnreadable) as raised:
            read_generation(state, reader.layout, reader.read)

        said = str(raised.value)
        assert said.startswith(f"{path}: ")
        assert said.endswith(mending)
        assert "\n" not in said

    read_generation(state, reader.layout, reader.read)


def _lose_link(state: Path) -> None:
    (state / "current").unlink()


def _replace_link(state: Path) -> None:
    (state / "current").unlink()
    (state / "current").mkdir()
    (state / "current" / "file").touch()


def _lose_generation(state: Path) -> None:
    folder = current_generation(state)
    assert folder is not None
    shutil.rmtree(folder)


def _replace_lock(state: Path) -> None:
    _lose_link(state)
    (state / ".writer").unlink()
    (state / ".writer").mkdir()


@every_reader
@pytest.mark.parametrize("damage", [_lose_link, _replace_link, _lose_generation, _replace_lock])
def test_lost_generation_is_named_and_the_command_makes_it_again(
    reader: Reader, state: Path, demonstration: Path, damage: Callable[[Path], None]
) -> None:
    damage(state)

    with pytest.raises(StateUnreadable, match=rf"^{state}/\S+: .*; mend it with: "):
        read_generation(state, reader.layout, reader.read)

    loaded = _load(reader.module, demonstration, state)
    assert loaded.returncode == 0, loaded.stderr
    read_generation(state, reader.layout, reader.read)


@pytest.mark.parametrize("module", ["services.jobs", "deploy.sandbox"])
def test_process_ends_with_one_line(module: str, imported: Callable[[str], Path], tmp_path: Path) -> None:
    state = tmp_path / "state"
    shutil.copytree(imported(module), state, symlinks=True)
    DAMAGES["halved"](state / "current" / "communes.json")
    names = {"PORT": "0", "STATE": str(state), "CLIENT_ID": "lba", "CLIENT_SECRET": "secret"}
    names |= {"PARTNER_URL": "http://127.0.0.1:1", "TOKEN_URL": "http://127.0.0.1:1"}
    prefix = module.rpartition(".")[2].upper()
    environ = os.environ | {f"{prefix}_{name}": value for name, value in names.items()}

    ended = subprocess.run(
        [sys.executable, "-m", module],
        cwd=REPOSITORY,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"{prefix}_STATE: {state}/")
    assert f"communes.json: {(state / 'current' / 'communes.json').stat().st_size} bytes instead of " in line
    assert line.endswith(f"mend it with: python -m {module}.load --state {state} --data DIR")


@pytest.mark.parametrize(
    ("module", "file"), [("services.catalogue", "tables.jsonl"), ("services.prediction", "employers.npz")]
)
async def test_process_that_waits_for_an_import_names_the_file_and_takes_the_new_data(
    module: str, file: str, imported: Callable[[str], Path], demonstration: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    shutil.copytree(imported(module), state, symlinks=True)
    DAMAGES["halved"](state / "current" / file)
    prefix = module.rpartition(".")[2].upper()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        cwd=REPOSITORY,
        env=os.environ | {f"{prefix}_PORT": "0", f"{prefix}_STATE": str(state)},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    lines: list[str] = []
    while not any("not serving yet, still trying" in line for line in lines):
        lines.append((await asyncio.wait_for(process.stderr.readline(), 30)).decode())
    loaded = await asyncio.to_thread(_load, module, demonstration, state)
    while not any('"health changed"' in line for line in lines):
        lines.append((await asyncio.wait_for(process.stderr.readline(), 30)).decode())
    process.terminate()
    await process.communicate()

    mending = f"mend it with: python -m {module}.load --state {state} --data DIR"
    (named,) = [line for line in lines if mending in line]
    assert f"/{file}: " in named
    assert loaded.returncode == 0
    assert '"serving":true' in lines[-1]
    assert "Traceback" not in "".join(lines)
