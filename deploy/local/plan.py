"""What the local system is made of: the processes, their ports and variables, and the importers."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.child import REPOSITORY
from deploy.local.engines import mongod
from deploy.local.engines.elasticsearch import server as elasticsearch
from deploy.local.engines.elasticsearch.files import VERSION, ElasticsearchFiles
from deploy.local.engines.elasticsearch.node import Node, NodeOptions
from deploy.local.engines.mongod_failure import last_error
from deploy.local.ports import HOST
from deploy.local.processes import Process
from deploy.local.secrets import Secrets
from protos.services import COMPANION_PORTS, GATEWAY_METRICS_PORT, SERVICES, Store

ON_MONGODB = frozenset(each.name for each in SERVICES if each.store is Store.MONGODB)
DEFAULT_PORTS = {
    **{each.name: each.port for each in SERVICES},
    **{name: port for name, port in COMPANION_PORTS.items() if name != "elasticsearch"},
    **{f"{each.name} metrics": each.metrics_port for each in SERVICES},
    "gateway metrics": GATEWAY_METRICS_PORT,
}
"""The port of the gateway's API is given, and never replaced."""
ENGINE_PORT = ("elasticsearch", COMPANION_PORTS["elasticsearch"])
"""Wanted only when that engine is."""

_ELASTICSEARCH = "CATALOGUE_ELASTICSEARCH_"
ELASTICSEARCH_URL = f"{_ELASTICSEARCH}URL"
"""The variable that makes the catalogue use Elasticsearch instead of its own index."""

_MODULES = {each.name: f"services.{each.name}" for each in SERVICES} | {
    "sandbox": "deploy.sandbox",
    "gateway": "gateway",
}


@dataclass(frozen=True)
class Wiring:
    """What the variables of the processes are made from."""

    state: Path
    ports: Mapping[str, int]
    """By process, the gateway's included."""
    secrets: Secrets
    environ: Mapping[str, str]
    """Where the supervisor itself runs; ours are put on top."""
    engine: Node | None = None
    """The Elasticsearch of this run, when it has one of its own."""


@dataclass(frozen=True)
class Importer:
    """How one process's data is loaded."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    sources: tuple[Path, ...]
    """Folders of the code that decides what is loaded."""
    product: Path
    """Exists once it has loaded something."""
    reports: Path
    """Where it leaves what it counted, one JSON object a line."""
    engine: str = ""
    """What it loads into, where there is a choice; another one must be loaded again."""


def mongod_process(wiring: Wiring) -> Process:
    dbpath = wiring.state / "mongodb"
    dbpath.mkdir(exist_ok=True)
    return Process(
        name="mongod",
        command=tuple(mongod.command(dbpath, wiring.ports["mongod"])),
        env=base_environment(wiring.environ),
        log=wiring.state / "logs" / "mongod.log",
        tier=0,
        grace_s=mongod.STOP_TIMEOUT_S,
        death_signal=signal.SIGTERM,
        reason=last_error,
    )


def elasticsearch_node(files: ElasticsearchFiles, state: Path, port: int) -> Node:
    return Node(files, state / "elasticsearch", port, NodeOptions(heap="512m", optimised=True))


def elasticsearch_process(node: Node, wiring: Wiring) -> Process:
    """The node must be prepared."""
    return Process(
        name="elasticsearch",
        command=tuple(node.command()),
        env=node.environment(base_environment(wiring.environ)),
        log=wiring.state / "logs" / "elasticsearch.log",
        tier=0,
        grace_s=elasticsearch.STOP_TIMEOUT_S,
        death_signal=signal.SIGTERM,
    )


def python_processes(wiring: Wiring) -> list[Process]:
    """All but the databases; the gateway is stopped first."""
    return [
        Process(
            name=name,
            command=(sys.executable, "-m", module),
            env=environment(name, wiring),
            log=wiring.state / "logs" / f"{name}.log",
            tier=2 if name == "gateway" else 1,
        )
        for name, module in _MODULES.items()
    ]


def importers(wiring: Wiring, data: Path, *, fictive: bool) -> list[Importer]:
    """In the order in which they run. The needs and the slots are made up whatever the data."""
    loads = []
    for name, module in _MODULES.items():
        if name == "gateway":
            continue
        words = ["--data", str(data)]
        if name not in ON_MONGODB:
            words += ["--state", str(wiring.state / name)]
        if name in ON_MONGODB or (fictive and name != "sandbox"):
            words.append("--fictive")
        if name == "catalogue" and fictive:
            # It refuses data that is far smaller than what it serves, as the demonstration set may be.
            words.append("--force")
        reports = wiring.state / "reports" / f"{name}.jsonl"
        loads.append(
            Importer(
                name=name,
                command=(sys.executable, "-m", f"{module}.load", *words),
                env=environment(name, wiring) | {"IMPORT_REPORTS": str(reports)},
                sources=tuple(
                    REPOSITORY / folder
                    for folder in (module.replace(".", "/"), "services/france", "services/common")
                ),
                product=wiring.state / ("mongodb" if name in ON_MONGODB else name),
                reports=reports,
                engine=_cluster(wiring) if name == "catalogue" else "",
            )
        )
    return loads


def _cluster(wiring: Wiring) -> str:
    """Which Elasticsearch the catalogue is loaded into; empty for its own index. Asks ours, which runs."""
    return wiring.engine.cluster_id() if wiring.engine else wiring.environ.get(ELASTICSEARCH_URL, "")


def engine_label(wiring: Wiring) -> str:
    """What serves the trainings, for people."""
    if wiring.engine:
        return f"Elasticsearch {VERSION}, {wiring.engine.url}"
    if wiring.environ.get(ELASTICSEARCH_URL):
        return f"the Elasticsearch of {ELASTICSEARCH_URL}"
    return "Tantivy, in the catalogue's process"


def environment(name: str, wiring: Wiring) -> dict[str, str]:
    """The variables of one process."""
    prefix, port = name.upper(), wiring.ports[name]
    own = {f"{prefix}_HOST": HOST, f"{prefix}_PORT": str(port)}
    if f"{name} metrics" in wiring.ports:
        own[f"{prefix}_METRICS_PORT"] = str(wiring.ports[f"{name} metrics"])
    if name in ON_MONGODB:
        own[f"{prefix}_MONGODB_URL"] = mongod.url(wiring.ports["mongod"])
    elif name != "gateway":
        own[f"{prefix}_STATE"] = str(wiring.state / name)
    environ = wiring.environ
    if wiring.engine:
        # Another cluster's password would be of no use to ours.
        environ = {key: value for key, value in environ.items() if not key.startswith(_ELASTICSEARCH)}
    return base_environment(environ) | own | _particulars(name, wiring)


def _particulars(name: str, wiring: Wiring) -> dict[str, str]:
    ports, secrets = wiring.ports, wiring.secrets
    if name == "gateway":
        addresses = {
            f"GATEWAY_{each.name.upper()}_ADDRESS": f"{HOST}:{ports[each.name]}" for each in SERVICES
        }
        return {"GATEWAY_CALLER_SECRET": secrets.gateway_caller_secret, **addresses}
    if name == "catalogue" and wiring.engine:
        return {ELASTICSEARCH_URL: wiring.engine.url}
    if name == "matcha":
        return {"MATCHA_TOKEN_SECRET": secrets.matcha_token_secret}
    if name == "sandbox":
        return {
            "SANDBOX_CLIENT_ID": secrets.sandbox_client_id,
            "SANDBOX_CLIENT_SECRET": secrets.sandbox_client_secret,
        }
    if name == "jobs":
        partner = f"http://{HOST}:{ports['sandbox']}"
        return {
            "JOBS_PARTNER_URL": f"{partner}/partenaire/offresdemploi",
            "JOBS_TOKEN_URL": f"{partner}/connexion/oauth2/access_token?realm=%2Fpartenaire",
            "JOBS_CLIENT_ID": secrets.sandbox_client_id,
            "JOBS_CLIENT_SECRET": secrets.sandbox_client_secret,
        }
    return {}


def base_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Ours, made fit for processes that talk to one another on this machine only."""
    env = {name: value for name, value in environ.items() if name != "PYTHONSAFEPATH"}
    env |= {"PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
    # gRPC sends even local calls through a proxy that the environment names.
    for name in ("no_proxy", "NO_PROXY"):
        env[name] = ",".join(filter(None, (environ.get(name), HOST, "localhost")))
    return env
