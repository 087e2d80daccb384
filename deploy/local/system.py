"""The whole system on one machine, from the first check to the last process stopped."""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson

from deploy.local import mongod, plan
from deploy.local.banner import banner
from deploy.local.data import ImportFailed, LoadedData, data_problems, run_importers
from deploy.local.demonstration import write_demonstration
from deploy.local.ports import HOST, choose, is_free
from deploy.local.processes import Supervisor
from deploy.local.secrets import load_secrets
from deploy.local.state import StateUnusable, locked_state

_READY_PERIOD_S = 0.1
_PATIENCE_S = 20.0

Tell = Callable[[str], None]


class CannotStart(Exception):
    """Says what a person must put right."""


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    port: int
    state: Path
    data: Path | None
    """None for the demonstration set."""
    import_only: bool


def problems_of(options: Options) -> list[str]:
    """All that is known to be wrong before anything is started."""
    problems = [] if options.data is None else data_problems(options.data)
    if not options.import_only and not is_free(options.port):
        problems.append(
            f"port {options.port} is taken: stop what listens on it, "
            f"or choose another (PORT=), for example make run PORT={options.port + 1}"
        )
    return problems


async def run(options: Options, tell: Tell) -> None:
    """Until SIGINT or SIGTERM, or the end of the import when nothing else is wanted. Raises CannotStart."""
    problems = problems_of(options)
    try:
        with locked_state(options.state):
            if not problems:
                await _run_until_stopped(options, tell)
    except StateUnusable as error:
        problems.append(str(error))
    except (ImportFailed, mongod.MongodUnusable) as error:
        raise CannotStart(str(error)) from error
    if problems:
        raise CannotStart("\n".join(problems))


async def _run_until_stopped(options: Options, tell: Tell) -> None:
    supervisor = Supervisor(tell)
    stop = _stop_on_signals(supervisor, tell)
    stopped = asyncio.create_task(stop.wait())
    start_up = asyncio.create_task(_start_up(options, supervisor, tell))
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


def _stop_on_signals(supervisor: Supervisor, tell: Tell) -> asyncio.Event:
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            supervisor.kill()
        else:
            stop.set()
            tell("stopping...")

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    return stop


async def _start_up(options: Options, supervisor: Supervisor, tell: Tell) -> None:
    ports = choose(plan.DEFAULT_PORTS.items(), tell) | {"gateway": options.port}
    wiring = plan.Wiring(options.state, ports, load_secrets(options.state / "secrets.json"), os.environ)
    supervisor.start([plan.mongod_process(wiring)])
    running = supervisor.lives("mongod")
    mongodb = asyncio.create_task(asyncio.to_thread(mongod.initiate, ports["mongod"], running=running))
    data = options.data or await _demonstration(options.state)
    loaded = LoadedData(options.state / "loaded.json")
    importers = plan.importers(wiring, data, fictive=options.data is None)
    pending = await asyncio.to_thread(loaded.pending, importers, data)
    if pending:
        await mongodb
        tell(f"importing {options.data or 'the demonstration set'} (once: the next start won't)")
        await run_importers(pending, loaded, tell)
    if options.import_only:
        tell("the data is loaded")
        return
    (options.state / "addresses.json").write_bytes(orjson.dumps(ports, option=orjson.OPT_INDENT_2))
    processes = plan.python_processes(wiring)
    supervisor.start(process for process in processes if process.name not in plan.ON_MONGODB)
    await mongodb
    supervisor.start(process for process in processes if process.name in plan.ON_MONGODB)
    await _wait_until_ready(options.port, options.state, tell)
    tell(banner(options.port, options.state, options.data))


async def _demonstration(state: Path) -> Path:
    folder = state / "demonstration"
    await asyncio.to_thread(write_demonstration, folder)
    return folder


async def _wait_until_ready(port: int, state: Path, tell: Tell) -> None:
    loop = asyncio.get_running_loop()
    patient_until = loop.time() + _PATIENCE_S
    while True:
        status, body = await asyncio.to_thread(_get_ready, port)
        if status == http.HTTPStatus.OK:
            return
        if loop.time() > patient_until:
            tell(f"not ready yet, still trying (logs in {state / 'logs'}): {body or 'no answer'}")
            patient_until = loop.time() + _PATIENCE_S
        await asyncio.sleep(_READY_PERIOD_S)


def _get_ready(port: int) -> tuple[int, str]:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/ready")
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()
