"""A repository whose services are tiny: what `deploy.local` starts, without their weight."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import psutil

from protos.services import SERVICES
from tests.support.repository import REPOSITORY
from tests.support.waiting import wait_for_text, wait_until

NAMES = (*(each.name for each in SERVICES), "sandbox", "gateway", "mongod")

_SERVICE = "import signal\nprint('up', flush=True)\nsignal.pause()\n"

_LOADER = """
import os, pathlib, signal, sys
name = sys.argv[0].split(os.sep)[-2]
if "--state" in sys.argv:
    pathlib.Path(sys.argv[sys.argv.index("--state") + 1]).mkdir(exist_ok=True)
print("loading", name, flush=True)
if os.environ.get("HANGS") == name:
    signal.pause()
sys.exit(7 if os.environ.get("FAILS") == name else 0)
"""

_GATEWAY = """
import http.server, json, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        late = os.environ.get("LATE")
        self.send_response((503 if late else 200) if self.path == "/ready" else 404)
        self.end_headers()
        self.wfile.write(json.dumps({"sources": {late: "NOT_SERVING", "jobs": "SERVING"}}).encode())
http.server.HTTPServer(("127.0.0.1", int(os.environ["GATEWAY_PORT"])), Handler).serve_forever()
"""


def make_copy(folder: Path) -> Path:
    """The real `deploy` and what it imports, and stand-ins for all that it starts but mongod."""
    for package in ("deploy", "protos", "services/common", "services/france"):
        shutil.copytree(REPOSITORY / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for package in (*(f"services/{each.name}" for each in SERVICES), "deploy/sandbox"):
        (folder / package).mkdir(parents=True, exist_ok=True)
        (folder / package / "__main__.py").write_text(_SERVICE)
        (folder / package / "load.py").write_text(_LOADER)
    (folder / "gateway").mkdir()
    (folder / "gateway" / "__main__.py").write_text(_GATEWAY)
    return folder


class Run:
    """One `python -m deploy.local` without a terminal, its output in a file."""

    def __init__(self, copy: Path, state: Path, port: int, *words: str, **variables: str) -> None:
        self.output = state.parent / f"output-{uuid.uuid4().hex}"
        self._mark = uuid.uuid4().hex
        environ = {"PATH": "/usr/bin:/bin", "LBA_MARK": self._mark, **variables}
        options = ("--port", str(port), "--state", str(state), *words)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local", *options],
                cwd=copy,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def wait_for(self, text: str, times: int = 1) -> str:
        return wait_for_text(self.output, text, times)

    def wait_until_ready(self) -> str:
        return self.wait_for("Ctrl-C stops everything")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(30)

    def code(self) -> int:
        return self.process.wait(30)

    def wait_until_nothing_is_left(self) -> None:
        wait_until(lambda: not self.processes())

    def processes(self) -> list[psutil.Process]:
        """Everything that this run started, itself included, known by a variable that children inherit."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def of(self, module: str) -> list[psutil.Process]:
        """Its processes that run a Python module."""
        return [process for process in self.processes() if process.cmdline()[-2:] == ["-m", module]]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            alive = process.status() != psutil.STATUS_ZOMBIE
            return alive and process.pid != os.getpid() and process.environ().get("LBA_MARK") == self._mark
        except psutil.Error:
            return False
