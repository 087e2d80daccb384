from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import MongoClient
from pymongo.collection import Collection

from deploy.local.child import spawn
from deploy.local.engines.mongod import Mongod, MongodUnusable
from tests.support.mongo import free_port
from tests.support.repository import REPOSITORY

pytestmark = pytest.mark.server

Rows = Collection[dict[str, Any]]


def _write(url: str) -> int:
    """Add a row in a transaction; returns the number of rows."""
    with MongoClient[dict[str, Any]](url) as client, client.start_session() as session:
        rows: Rows = client["kept"]["rows"]
        with session.start_transaction():
            rows.insert_one({}, session=session)
        return rows.count_documents({})


def test_transactions_work_and_rows_survive_a_change_of_port(tmp_path: Path) -> None:
    counts = []
    for _ in range(2):
        mongod = Mongod(tmp_path / "db", free_port())
        mongod.start()
        counts.append(_write(mongod.url))
        mongod.stop()

    assert counts == [1, 2]


def test_restart_after_a_kill_finds_the_rows_again(private_mongod: Mongod) -> None:
    _write(private_mongod.url)

    with MongoClient[dict[str, Any]](private_mongod.url) as client:
        pid = client.admin.command("serverStatus")["pid"]
    os.kill(pid, signal.SIGKILL)
    # This finds the process dead, and waits until the system has removed it.
    private_mongod.stop()
    private_mongod.start()

    assert _write(private_mongod.url) == 2


def test_server_started_from_a_passing_thread_stays(tmp_path: Path) -> None:
    mongod = Mongod(tmp_path / "db", free_port())
    thread = threading.Thread(target=mongod.start)
    thread.start()
    thread.join()

    try:
        assert _write(mongod.url) == 1
    finally:
        mongod.stop()


def test_folder_in_use_is_named_and_its_owner_left_alone(tmp_path: Path) -> None:
    owner = Mongod(tmp_path / "db", free_port())
    owner.start()

    try:
        with pytest.raises(MongodUnusable, match=r"db is in use by another mongod"):
            Mongod(tmp_path / "db", free_port()).start()
        assert _write(owner.url) == 1
    finally:
        owner.stop()


def test_taken_port_is_named(mongod: Mongod, tmp_path: Path) -> None:
    port = int(mongod.url.split(":")[2].split("/")[0])

    with pytest.raises(MongodUnusable, match=f"port {port} is taken"):
        Mongod(tmp_path / "db", port).start()


def test_stopping_twice_is_stopping_once(private_mongod: Mongod) -> None:
    private_mongod.stop()
    private_mongod.stop()

    assert not private_mongod.running


def test_child_is_in_another_session() -> None:
    process = spawn(["/bin/cat", "/dev/stdin"]) if sys.platform == "darwin" else spawn(["/bin/sleep", "60"])

    try:
        assert os.getsid(process.pid) != os.getsid(0)
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_child_ends_with_a_killed_parent() -> None:
    program = (
        "import time; from deploy.local.child import spawn; "
        "print(spawn(['/bin/sleep', '60']).pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()

    _, alive = psutil.wait_procs([child], timeout=10)

    assert alive == []
