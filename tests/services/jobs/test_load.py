from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from services.common.generation import Format, current_generation, new_generation
from services.common.report import ImportConsole
from services.common.table import BadFile
from services.france.stored_communes import COMMUNES_FILE, read_communes
from services.jobs.load import load
from tests.support.csv_files import write_csv
from tests.support.france.communes import Row, commune_row
from tests.support.jobs.partner import running_partner

CAHORS = commune_row("46042", "Cahors", "46000", 20_050, (44.45651, 1.43901))


def write(folder: Path, row: Row) -> Path:
    write_csv(folder / "communes.csv", [row])
    return folder


async def run(*command: str, **environment: str) -> tuple[int | None, bytes]:
    """The exit code and stderr of a process that ends by itself."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *command, env=os.environ | environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    return process.returncode, said


def test_communes_are_put_in_the_state_folder(tmp_path: Path) -> None:
    report = load(write(tmp_path, CAHORS), tmp_path / "state", ImportConsole())

    assert (report.table, report.read, report.accepted) == ("communes", 1, 1)
    generation = current_generation(tmp_path / "state")
    assert generation is not None
    assert [each.nom for each in read_communes(generation)] == ["Cahors"]


def test_failed_import_changes_nothing(tmp_path: Path) -> None:
    data = write(tmp_path, CAHORS)
    load(data, tmp_path / "state", ImportConsole())
    before = current_generation(tmp_path / "state")

    write(tmp_path, CAHORS | {"latitude": "", "longitude": ""})
    with pytest.raises(BadFile):
        load(data, tmp_path / "state", ImportConsole())

    assert current_generation(tmp_path / "state") == before


@pytest.mark.server
async def test_processes_start_and_stop(tmp_path: Path) -> None:
    data = write(tmp_path, CAHORS)
    load(data, tmp_path / "state", ImportConsole())
    async with running_partner([]) as partner:
        environment = os.environ | {
            "JOBS_PORT": "0",
            "JOBS_STATE": str(tmp_path / "state"),
            "JOBS_PARTNER_URL": str(partner.settings.partner_url),
            "JOBS_TOKEN_URL": str(partner.settings.token_url),
            "JOBS_CLIENT_ID": "lba",
            "JOBS_CLIENT_SECRET": "secret",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.jobs", env=environment, stderr=asyncio.subprocess.PIPE
        )
        assert process.stderr is not None
        line = await process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        _, rest = await process.communicate()

        assert b'"event":"serving"' in line
        assert b'"event":"stopping"' in rest
        assert process.returncode == 0
        assert partner.sandbox.tokens.issued == 1


@pytest.mark.parametrize("module", ["services.jobs.load", "deploy.sandbox.load"])
@pytest.mark.server
async def test_missing_file_is_named(tmp_path: Path, module: str) -> None:
    code, said = await run(module, "--data", str(tmp_path), "--state", str(tmp_path / "state"))

    assert code == 1
    assert b"communes.csv: no such file" in said


@pytest.mark.parametrize(("module", "prefix"), [("services.jobs", "JOBS"), ("deploy.sandbox", "SANDBOX")])
@pytest.mark.parametrize(("written", "said"), [("0", b"written by another version"), ("1", b"can't be read")])
@pytest.mark.server
async def test_state_of_another_version_is_refused_in_one_sentence(
    tmp_path: Path, module: str, prefix: str, written: str, said: bytes
) -> None:
    # A commune with other fields and no offers: a reader that does not check the version would fail.
    with new_generation(tmp_path, Format(written, "")) as folder:
        (folder / COMMUNES_FILE).write_bytes(b'[{"insee": "46042"}]')
    variables = {"PORT": "0", "STATE": str(tmp_path), "CLIENT_ID": "lba", "CLIENT_SECRET": "secret"}
    variables |= {"PARTNER_URL": "http://127.0.0.1:1", "TOKEN_URL": "http://127.0.0.1:1"}

    code, lines = await run(module, **{f"{prefix}_{name}": value for name, value in variables.items()})

    assert code == 1
    assert lines.startswith(f"{prefix}_STATE: ".encode())
    assert said in lines
    assert lines.count(b"\n") == 1
    assert f"mend it with: python -m {module}.load --state {tmp_path} --data DIR".encode() in lines
