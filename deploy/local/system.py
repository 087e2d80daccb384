"""The whole system on one machine, from the first check to the last process stopped."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from deploy.local import plan
from deploy.local.banner import banner
from deploy.local.child import Child
from deploy.local.damage import mend_shapes
from deploy.local.data import ImportFailed, LoadedData, data_problems, run_importers
from deploy.local.demonstration.writing import write_demonstration
from deploy.local.engines import mongod
from deploy.local.engines.elasticsearch import server as elasticsearch
from deploy.local.engines.elasticsearch.files import ElasticsearchUnavailable, elasticsearch_files
from deploy.local.engines.elasticsearch.node import Node
from deploy.local.engines.mongod_failure import failure_message
from deploy.local.ports import is_free, reserved_ports
from deploy.local.processes import Supervisor
from deploy.local.readiness import NotReady, wait_until_ready
from deploy.local.secrets import load_secrets
from deploy.local.state import StateUnusable, locked_state

ELASTICSEARCH = "elasticsearch"

Notify = Callable[[str], None]


class CannotStart(Exception):
    """The system can't start; the message says what to change."""


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    port: int
    state: Path
    data: Path | None
    """None for the demonstration set."""
    import_only: bool
    engine: str
    """ELASTICSEARCH, or empty for the index that the catalogue embeds."""
    engines: Path
    """Where engines are downloaded to."""
    patience_s: float = 180.0
    """Seconds that all processes may take to be ready."""


def problems_of(options: Options) -> list[str]:
    """All that is known to be wrong before anything is started."""
    problems = [] if options.data is None else data_problems(options.data)
    if options.engine not in ("", ELASTICSEARCH):
        problems.append(
            f"{options.engine!r} is no engine: {ELASTICSEARCH}, or nothing for the embedded one (ENGINE=)"
        )
    if not options.import_only and not is_free(options.port):
        problems.append(
            f"port {options.port} is taken: stop what listens on it, "
            f"or choose another (PORT=), for example make run PORT={options.port + 1}"
        )
    return problems


async def run(options: Options, notify: Notify) -> None:
    """Until SIGINT or SIGTERM, or the end of the import when nothing else is wanted. Raises CannotStart."""
    problems = problems_of(options)
    try:
        with locked_state(options.state):
            if not problems:
                wanted = [*plan.DEFAULT_PORTS.items(), *([plan.ENGINE_PORT] if options.engine else [])]
                with reserved_ports(wanted, notify) as ports:
                    await _run_until_stopped(options, ports | {"gateway": options.port}, notify)
    except StateUnusable as error:
        problems.append(str(error))
    except OSError as error:
        # A full disk, a folder that may not be written: the system says which file.
        problems.append(f"{error.filename or options.state}: {error.strerror or error} (STATE=)")
    except (ImportFailed, NotReady, mongod.MongodUnusable, ElasticsearchUnavailable) as error:
        raise CannotStart(str(error)) from error
    if problems:
        raise CannotStart("\n".join(problems))


async def _run_until_stopped(options: Options, ports: Mapping[str, int], notify: Notify) -> None:
    supervisor = Supervisor(notify)
    stop = _stop_on_signals(supervisor, notify)
    stopped = asyncio.create_task(stop.wait())
    start_up = asyncio.create_task(_start_up(options, ports, supervisor, notify))
    try:
        await asyncio.wait({start_up, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not start_up.done():
            raise CannotStart("stopped before the end of the start-up")
        start_up.result()
        if not options.import_only:
            await stopped
    finally:
        stopped.cancel()
        start_up.cancel()
        await asyncio.gather(start_up, return_exceptions=True)
        await supervisor.stop()


def _stop_on_signals(supervisor: Supervisor, notify: Notify) -> asyncio.Event:
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            supervisor.kill()
        else:
            stop.set()
            notify("stopping...")

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    return stop


async def _start_up(
    options: Options, ports: Mapping[str, int], supervisor: Supervisor, notify: Notify
) -> None:
    state = options.state
    secrets = load_secrets(state / "secrets.json")
    mend_shapes(state, notify)
    loaded = LoadedData(state / "loaded.json", notify)
    for line in loaded.forget_lost(state / "mongodb", plan.ON_MONGODB):
        notify(line)
    engine = await _engine(options, ports[plan.ENGINE_PORT[0]]) if options.engine else None
    wiring = plan.Wiring(state, ports, secrets, os.environ, engine)
    supervisor.start([plan.mongod_process(wiring)])
    mongodb = asyncio.create_task(_start_mongodb(wiring, supervisor))
    if engine is not None:
        await _start_engine(engine, wiring, supervisor, notify)
    data = options.data or await _demonstration(state)
    importers = await asyncio.to_thread(plan.importers, wiring, data, fictive=options.data is None)
    for line in await asyncio.to_thread(loaded.damages, importers):
        notify(line)
    pending = await asyncio.to_thread(loaded.pending, importers, data)
    if pending:
        await mongodb
        notify(f"importing {options.data or 'the demonstration set'} (once: the next start won't)")
        await run_importers(pending, loaded, notify)
    if options.import_only:
        # A damaged database is said even when nothing had to be imported.
        await mongodb
        notify("the data is loaded")
        return
    (state / "addresses.json").write_bytes(orjson.dumps(ports, option=orjson.OPT_INDENT_2))
    processes = plan.python_processes(wiring)
    supervisor.start(process for process in processes if process.name not in plan.ON_MONGODB)
    await mongodb
    supervisor.start(process for process in processes if process.name in plan.ON_MONGODB)
    await wait_until_ready(options.port, state, notify, options.patience_s)
    notify(banner(options.port, state, options.data, plan.engine_label(wiring)))


async def _start_mongodb(wiring: plan.Wiring, supervisor: Supervisor) -> None:
    """Until it takes writes and its files could be read. Raises MongodUnusable with what its log says."""
    process, port = plan.mongod_process(wiring), wiring.ports["mongod"]
    running = supervisor.liveness_check(process.name)
    try:
        await asyncio.to_thread(mongod.initiate, port, running=running)
        await asyncio.to_thread(mongod.check_files, port)
    except mongod.MongodUnusable as error:
        await asyncio.to_thread(supervisor.drain, process.name)
        dbpath = wiring.state / "mongodb"
        message = failure_message(process.log, dbpath, str(error))
        raise mongod.MongodUnusable(message) from error


async def _engine(options: Options, port: int) -> Node:
    """Elasticsearch, prepared; downloaded the first time."""
    # By a process of its own, which can be stopped half-way as a thread can't.
    words = [sys.executable, "-m", "deploy.local.engines.elasticsearch.files", str(options.engines)]
    child = Child(words, plan.base_environment(os.environ))
    try:
        code = await child.wait()
    finally:
        child.kill()
    if code != 0:
        raise ElasticsearchUnavailable("without ENGINE=, the embedded engine serves: nothing is downloaded")
    files = await asyncio.to_thread(elasticsearch_files, options.engines, print)
    node = plan.elasticsearch_node(files, options.state, port)
    await asyncio.to_thread(node.prepare)
    return node


async def _start_engine(node: Node, wiring: plan.Wiring, supervisor: Supervisor, notify: Notify) -> None:
    process = plan.elasticsearch_process(node, wiring)
    notify("starting Elasticsearch (about 10 s)")
    supervisor.start([process])
    running = supervisor.liveness_check(process.name)
    try:
        await asyncio.to_thread(elasticsearch.wait_until_healthy, node, process.log, running=running)
    except ElasticsearchUnavailable as error:
        data = shlex.quote(str(node.folder / "data"))
        raise ElasticsearchUnavailable(
            f"{error}\nif its data is damaged: rm -r {data} and start again; "
            "it holds trainings alone, which are then imported again\n"
            f"if the server itself is: rm -r {shlex.quote(str(node.files.home))} and start again; "
            "it is then downloaded again"
        ) from error


async def _demonstration(state: Path) -> Path:
    folder = state / "demonstration"
    await asyncio.to_thread(write_demonstration, folder)
    return folder
