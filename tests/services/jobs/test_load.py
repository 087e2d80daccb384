from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from services.common.generation import current_generation
from services.common.report import ImportConsole
from services.common.table import BadFile
from services.france.communes import read_communes
from services.jobs.load import load
from tests.support.jobs.partner import running_partner

HEADING = "code_insee,nom,codes_postaux,population,dep_code,reg_code,latitude,longitude\n"


def write(folder: Path, *lines: str) -> Path:
    (folder / "communes.csv").write_text(HEADING + "\n".join(lines), encoding="utf-8")
    return folder


def test_rows_are_kept_mended_or_refused_with_the_reason(tmp_path: Path) -> None:
    data = write(
        tmp_path,
        "46042,Cahors,46000,20050,46,76,44.45651,1.43901",
        "46042,Cahors encore,46000,20050,46,76,44.45651,1.43901",
        "2A004,Ajaccio,20000|20090,,,94,41.92274,8.70583",
        "46000,Sans lieu,46000,1,46,76,,",
        ",Sans code,46000,1,46,76,44,1",
    )

    report = load(data, tmp_path / "state", ImportConsole())

    assert (report.read, report.accepted) == (5, 2)
    assert report.rejected == {"code seen before": 1, "no coordinates": 1, "no code": 1}
    assert report.corrected == {"no population: taken as 0": 1}
    generation = current_generation(tmp_path / "state")
    assert generation is not None
    ajaccio = read_communes(generation).get("2A004")
    assert ajaccio is not None
    assert (ajaccio.departement, ajaccio.codes_postaux) == ("2A", ("20000", "20090"))


def test_failed_import_changes_nothing(tmp_path: Path) -> None:
    data = write(tmp_path, "46042,Cahors,46000,20050,46,76,44.45651,1.43901")
    load(data, tmp_path / "state", ImportConsole())
    before = current_generation(tmp_path / "state")

    write(tmp_path, "46042,Cahors,46000,20050,46,76,,")
    with pytest.raises(BadFile):
        load(data, tmp_path / "state", ImportConsole())

    assert current_generation(tmp_path / "state") == before


@pytest.mark.server
async def test_processes_start_and_stop(tmp_path: Path) -> None:
    data = write(tmp_path, "46042,Cahors,46000,20050,46,76,44.45651,1.43901")
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
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", module, "--data", str(tmp_path), "--state", str(tmp_path / "state")),
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()

    assert process.returncode == 1
    assert b"communes.csv: no such file" in said
