"""Repairs the folder of the private mongod, after a copy of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy.local.child import spawn
from deploy.local.engines.mongod import STOP_TIMEOUT_S, MongodUnusable, find_binary
from deploy.local.engines.mongod_failure import last_error
from deploy.local.ports import HOST, free_port

_CONNECT_MS = 30_000


def repair(dbpath: Path) -> Path:
    """Salvage what can be read, and return the copy of the folder as it was. Nobody may use the folder.

    Raises MongodUnusable, and then the folder is as it was.
    """
    copy = _free_name(dbpath)
    shutil.copytree(dbpath, copy)
    log = copy.with_name(f"{copy.name}.log")
    with log.open("wb") as output:
        words = [str(find_binary()), "--dbpath", str(dbpath), "--repair"]
        code = subprocess.run(words, stdout=output, stderr=output, check=False).returncode
    if code != 0:
        shutil.rmtree(dbpath)
        copy.rename(dbpath)
        raise MongodUnusable(f"{dbpath} can't be repaired: {last_error(log) or f'code {code}'} [{log}]")
    _readmit(dbpath, log)
    return copy


def _readmit(dbpath: Path, log: Path) -> None:
    """Let the repaired node run as a member of its replica set again.

    MongoDB refuses it, because other members may hold what it lost
    (https://www.mongodb.com/docs/manual/tutorial/recover-data-following-unexpected-shutdown/): ours has none.
    """
    port = free_port(())
    options = ("--dbpath", str(dbpath), "--port", str(port), "--bind_ip", HOST, "--nounixsocket")
    process = spawn([str(find_binary()), *options], log=log)
    try:
        address = f"mongodb://{HOST}:{port}/?directConnection=true"
        with MongoClient[dict[str, Any]](address, serverSelectionTimeoutMS=_CONNECT_MS) as client:
            client["local"]["system.replset"].update_many({}, {"$unset": {"repaired": ""}})
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_S)


def _free_name(dbpath: Path) -> Path:
    names = (dbpath.with_name(f"{dbpath.name}.damaged{number or ''}") for number in range(1000))
    return next(path for path in names if not path.exists())
