"""A store that is away is named by its address, without its password; starts services and importers."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest

from deploy.local.demonstration.writing import write_demonstration
from tests.support.mongo import free_port
from tests.support.repository import REPOSITORY

pytestmark = [pytest.mark.server, pytest.mark.slow]

SECRETS = {"MATCHA_TOKEN_SECRET": "t0ken-" * 6, "CATALOGUE_ELASTICSEARCH_PASSWORD": "s3cret"}


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demonstration")
    write_demonstration(folder)
    return folder


def _away(module: str, port: int) -> dict[str, str]:
    """The variables of a module whose store would be on this port."""
    name = module.split(".")[1].upper()
    address = f"127.0.0.1:{port}"
    if name == "CATALOGUE":
        store = {"CATALOGUE_ELASTICSEARCH_URL": f"http://{address}", "CATALOGUE_ELASTICSEARCH_USER": "lba"}
    else:
        store = {f"{name}_MONGODB_URL": f"mongodb://lba:s3cret@{address}/?directConnection=true"}
    return SECRETS | store | {f"{name}_PORT": "0"}


async def _start(
    module: str, *words: str, folder: Path, variables: Mapping[str, str]
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *words),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)} | dict(variables),
        stderr=asyncio.subprocess.PIPE,
    )


@pytest.mark.parametrize("module", ["services.catalogue", "services.matcha", "services.rdv"])
async def test_service_says_which_store_is_away_and_goes_on_trying(module: str, tmp_path: Path) -> None:
    port = free_port()
    process = await _start(module, folder=tmp_path, variables=_away(module, port))
    assert process.stderr is not None
    lines: list[bytes] = []
    while not any(b"not serving yet, still trying" in line for line in lines):
        lines.append(await asyncio.wait_for(process.stderr.readline(), 30))
    running = process.returncode is None
    process.terminate()
    _, rest = await asyncio.wait_for(process.communicate(), 30)

    said = b"".join([*lines, rest]).decode()
    assert running
    assert process.returncode == 0
    assert f"127.0.0.1:{port}" in said
    assert "s3cret" not in said
    assert "Traceback" not in said
    assert all(orjson.loads(line) for line in said.splitlines())


@pytest.mark.parametrize("module", ["services.catalogue", "services.matcha", "services.rdv"])
async def test_importer_says_which_store_is_away_in_one_sentence_and_ends(
    module: str, data: Path, tmp_path: Path
) -> None:
    port = free_port()
    process = await _start(
        f"{module}.load", "--data", str(data), folder=tmp_path, variables=_away(module, port)
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)

    last = said.decode().splitlines()[-1]
    assert process.returncode == 1
    assert last.startswith(("nothing imported: ", "import failed, nothing has changed: "))
    assert f"127.0.0.1:{port}" in last
    assert b"s3cret" not in said
    assert b"Traceback" not in said
