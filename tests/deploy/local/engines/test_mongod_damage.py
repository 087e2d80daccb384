"""A damaged file of MongoDB is named with what mends it, and left; starts mongod on damaged folders."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pymongo import MongoClient

from deploy.local.engines.mongod import Mongod, MongodUnusable, check_files
from deploy.local.engines.mongod_failure import failure_message, last_error
from deploy.local.engines.mongod_repair import repair
from tests.support.damage import DAMAGES
from tests.support.mongo import free_port

pytestmark = [pytest.mark.server, pytest.mark.slow]

HARMLESS = ("mongod.lock", "mongod.log", "WiredTiger", "WiredTiger.lock")
"""Files that mongod makes again, or reads no byte of."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a mongod that was stopped, with appointments in it."""
    folder = tmp_path_factory.mktemp("mongod") / "db path"
    server = Mongod(folder, free_port())
    server.start()
    with MongoClient[dict[str, object]](server.url) as client:
        rendez_vous = client["lba_rdv"]["rendez_vous"]
        rendez_vous.insert_many({"number": number, "text": "x" * 200} for number in range(500))
        rendez_vous.create_index("number", name="by number")
    server.stop()
    return folder


def _engine_files(whole: Path) -> list[Path]:
    """Those that hold no collection and no index; the internal ones are temporary, and dropped at start."""
    paths = sorted(path for path in whole.iterdir() if path.is_file() and path.name not in HARMLESS)
    return [path for path in paths if not path.name.startswith(("collection-", "index-", "internal-"))]


def _failure(folder: Path) -> str:
    """What is said of a folder; empty when every file could be read."""
    server = Mongod(folder, free_port())
    try:
        server.start()
        check_files(int(server.url.split(":")[2].partition("/")[0]))
    except MongodUnusable as error:
        return failure_message(folder / "mongod.log", folder, str(error))
    finally:
        server.stop()
    return ""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("damage", ["emptied", "halved"])
def test_cut_file_of_the_engine_is_said_with_what_mends_it(whole: Path, damage: str, tmp_path: Path) -> None:
    for path in _engine_files(whole):
        folder = tmp_path / path.name / "db path"
        shutil.copytree(whole, folder)
        DAMAGES[damage](folder / path.name)

        said = _failure(folder)

        assert said.startswith(f"MongoDB can't work with {folder}: "), path.name
        assert last_error(folder / "mongod.log") in said.splitlines()[0]
        assert f"python -m deploy.local.repair --state {folder.parent}" in said
        assert f"mv '{folder}' '{folder}'.damaged" in said
        assert (folder / path.name).exists()
        shutil.rmtree(folder)


def test_cut_collection_is_said_before_anybody_needs_it(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "db path"
    shutil.copytree(whole, folder)
    largest = max(folder.glob("collection-*"), key=lambda path: path.stat().st_size)
    rows = [path for path in folder.glob("collection-*") if path.stat().st_size > 8192]
    assert largest in rows
    for path in rows:
        DAMAGES["halved"](path)

    said = _failure(folder)

    assert said.startswith(f"MongoDB can't work with {folder}: ")
    assert "collection-" in said.splitlines()[0]


def test_repair_keeps_a_copy_and_what_can_be_read(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "db path"
    shutil.copytree(whole, folder)
    largest = max(folder.glob("collection-*"), key=lambda path: path.stat().st_size)
    DAMAGES["halved"](largest)
    halved = largest.read_bytes()

    copy = repair(folder)

    assert _failure(folder) == ""
    assert copy == tmp_path / "db path.damaged"
    assert (copy / largest.name).read_bytes() == halved


def test_folder_that_can_not_be_repaired_is_left_as_it_was(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "db path"
    shutil.copytree(whole, folder)
    (folder / "mongod.log").unlink()
    DAMAGES["halved"](folder / "WiredTiger.wt")
    halved = (folder / "WiredTiger.wt").read_bytes()

    with pytest.raises(MongodUnusable, match=f"{folder} can't be repaired: "):
        repair(folder)

    assert (folder / "WiredTiger.wt").read_bytes() == halved


def test_whole_folder_is_read(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "db path"
    shutil.copytree(whole, folder)

    assert _failure(folder) == ""
