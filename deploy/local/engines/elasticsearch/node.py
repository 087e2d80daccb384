"""One Elasticsearch node: its folder, its settings, its start command and its health."""

from __future__ import annotations

import base64
import fcntl
import http.client
import json
import shutil
import signal
import ssl
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from deploy.local.engines.elasticsearch.files import ElasticsearchFiles, ElasticsearchUnavailable
from deploy.local.engines.unprivileged import change_owner, reachable, run_as, unprivileged_account
from deploy.local.ports import HOST

CLUSTER = "la-bonne-alternance"

_REQUEST_TIMEOUT_S = 5.0
_LOG4J2 = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] [%node_name] %m%consoleException%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


@dataclass(frozen=True)
class Login:
    """The credentials of the only user of a secured node, a superuser."""

    user: str
    password: str

    @property
    def header(self) -> str:
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


@dataclass(frozen=True)
class Certificate:
    """The PEM files of an HTTPS server, and of the authority that signed its certificate."""

    chain: Path
    key: Path
    authority: Path


@dataclass(frozen=True)
class Peers:
    """The nodes of one cluster."""

    names: tuple[str, ...]
    transport_ports: tuple[int, ...]


@dataclass(frozen=True)
class NodeOptions:
    """The options of one node."""

    name: str = "node-1"
    heap: str = "256m"
    optimised: bool = False
    """Use all of Java's compilers: answers become faster, the start slower."""
    login: Login | None = None
    """None disables authentication."""
    certificate: Certificate | None = None
    """None serves plain HTTP."""
    peers: Peers | None = None
    """None makes a cluster of this node alone."""


PLAIN = NodeOptions()
"""A single small node without security, for tests."""


@dataclass(frozen=True)
class Node:
    """A node to be started; its folder keeps the data between two starts."""

    files: ElasticsearchFiles
    folder: Path
    port: int
    options: NodeOptions = PLAIN

    @property
    def url(self) -> str:
        return f"{'https' if self.options.certificate else 'http'}://{HOST}:{self.port}"

    def prepare(self) -> None:
        """Write its settings again. Raises ElasticsearchUnavailable."""
        account = unprivileged_account()
        self.folder.mkdir(parents=True, exist_ok=True)
        if not reachable(self.folder / "any", account):
            raise ElasticsearchUnavailable(
                f"Elasticsearch refuses to run as root, and the user {account and account.name} "
                f"can't reach {self.folder}: take another folder (STATE=)"
            )
        _check_folder_is_free(self.folder)
        for name in ("config", "tmp"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copytree(self.files.home / "config", self.folder / "config")
        for name in ("data", "logs", "tmp"):
            (self.folder / name).mkdir(exist_ok=True)
        self._write_settings(self.folder / "config")
        for name in ("config", "data", "logs", "tmp"):
            change_owner(self.folder / name, account)
        if self.options.login is not None:
            self._add_user(self.options.login)

    def command(self) -> list[str]:
        """The command that starts it after `prepare`. When we are root, it runs under another account."""
        return self._run_as_account("elasticsearch")

    def environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The variables for the node: `environ` without those that configure Elasticsearch or Java."""
        excluded = ("ES_", "JAVA_", "_JAVA_", "CLI_JAVA_")
        compiler = "" if self.options.optimised else " -XX:TieredStopAtLevel=1"
        heap = self.options.heap
        return {name: value for name, value in environ.items() if not name.startswith(excluded)} | {
            "ES_JAVA_HOME": str(self.files.java_home),
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_TMPDIR": str(self.folder / "tmp"),
            "ES_JAVA_OPTS": f"-Xms{heap} -Xmx{heap}{compiler}",
        }

    def get_json(self, path: str) -> dict[str, Any] | None:
        """The JSON answer to a GET with the login of the node; None without an answer of status 200."""
        connection = self._connection()
        login = self.options.login
        try:
            connection.request("GET", path, headers={"Authorization": login.header} if login else {})
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            return None
        answer: dict[str, Any] = orjson.loads(body)
        return answer

    def is_healthy(self, nodes: int = 1) -> bool:
        """Whether it accepts requests, in a cluster of exactly `nodes` nodes."""
        health = self.get_json("/_cluster/health")
        return (
            health is not None
            and health["status"] in ("yellow", "green")
            and health["number_of_nodes"] == nodes
        )

    def has_lost_data(self) -> bool:
        """Whether an index has no readable copy, and no attempt to open one is under way."""
        health = self.get_json("/_cluster/health")
        return (
            health is not None
            and health["status"] == "red"
            and not health["initializing_shards"]
            and not health["number_of_pending_tasks"]
        )

    def cluster_id(self) -> str:
        """An id that changes when the data folder is recreated; empty when the node does not answer."""
        answer = self.get_json("/_cluster/state/version")
        return str(answer["cluster_uuid"]) if answer else ""

    def _connection(self) -> http.client.HTTPConnection:
        if self.options.certificate is None:
            return http.client.HTTPConnection(HOST, self.port, timeout=_REQUEST_TIMEOUT_S)
        context = ssl.create_default_context(cafile=self.options.certificate.authority)
        return http.client.HTTPSConnection(HOST, self.port, timeout=_REQUEST_TIMEOUT_S, context=context)

    def _write_settings(self, config: Path) -> None:
        settings = self._settings()
        if self.options.certificate is not None:
            # The server may only read certificates inside its configuration folder.
            shutil.copyfile(self.options.certificate.chain, config / "http.pem")
            shutil.copyfile(self.options.certificate.key, config / "http.key")
        # YAML accepts JSON values.
        lines = [f"{name}: {json.dumps(value)}\n" for name, value in settings.items()]
        (config / "elasticsearch.yml").write_text("".join(lines))
        (config / "log4j2.properties").write_text(_LOG4J2)
        # The Java of the wheel has no vector module, and the log of the garbage collector can reach 2 GB.
        unwanted = ("jdk.incubator.vector", "-Xlog:gc")
        java = (config / "jvm.options").read_text().splitlines(keepends=True)
        kept = [line for line in java if not any(word in line for word in unwanted)]
        (config / "jvm.options").write_text("".join(kept))

    def _settings(self) -> dict[str, object]:
        options = self.options
        settings: dict[str, object] = {
            "cluster.name": CLUSTER,
            "node.name": options.name,
            "path.data": str(self.folder / "data"),
            "path.logs": str(self.folder / "logs"),
            "network.host": HOST,
            "http.port": self.port,
            # By default Elasticsearch stops allocating shards on a disk that is 85 % full, and the disk of
            # a laptop often is: https://www.elastic.co/guide/en/elasticsearch/reference/8.19/modules-cluster.html
            "cluster.routing.allocation.disk.threshold_enabled": False,
            "xpack.security.enabled": options.login is not None,
            "xpack.security.http.ssl.enabled": options.certificate is not None,
        }
        if options.certificate is not None:
            settings["xpack.security.http.ssl.certificate"] = "http.pem"
            settings["xpack.security.http.ssl.key"] = "http.key"
        if options.peers is None:
            return settings | {"discovery.type": "single-node"}
        peers = options.peers
        return settings | {
            "transport.port": peers.transport_ports[peers.names.index(options.name)],
            "discovery.seed_hosts": [f"{HOST}:{port}" for port in peers.transport_ports],
            "cluster.initial_master_nodes": list(peers.names),
        }

    def _add_user(self, login: Login) -> None:
        words = self._run_as_account("elasticsearch-users", "useradd", login.user, "-r", "superuser")
        added = subprocess.run(
            words,
            env=self.environment({"PATH": "/usr/bin:/bin"}),
            # The program asks for the password twice. On the command line, other users could read it.
            input=f"{login.password}\n{login.password}\n",
            capture_output=True,
            text=True,
            check=False,
        )
        if added.returncode != 0:
            raise ElasticsearchUnavailable(f"its user can't be made: {added.stdout}{added.stderr}".strip())

    def _run_as_account(self, program: str, *words: str) -> list[str]:
        command = [str(self.files.home / "bin" / program), *words]
        return run_as(unprivileged_account(), command, signal.SIGTERM)


def _check_folder_is_free(folder: Path) -> None:
    lock = folder / "data" / "node.lock"
    if not lock.exists():
        return
    with lock.open("r+b") as file:
        try:
            # lockf is compatible with the lock that Java takes on this file.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ElasticsearchUnavailable(
                f"the folder {folder} is in use by another Elasticsearch: stop it, or take another folder"
            ) from error
