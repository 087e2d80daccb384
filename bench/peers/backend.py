"""The simulated services: nginx serves the two recorded answers as gRPC over cleartext HTTP/2.

Protocol: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
"""

from __future__ import annotations

import http.client
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from google.protobuf.message import Message

from bench.peers.processes import free_port, pinned, running
from bench.typical.answers import formations, recruteurs

START_LIMIT_S = 10

# nginx answers 405 to a POST for a static file; `error_page` then serves that file with status 200.
_CONFIG = """\
daemon off;
# One process, so that it keeps the rights of the user who starts it.
master_process off;
pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  types {{ }}
  default_type application/grpc;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  http2_max_concurrent_streams 1000;
  http2_chunk_size 64k;
  open_file_cache max=10 inactive=1h;
  open_file_cache_valid 1h;
  server {{
    listen 127.0.0.1:{port} http2;
    root {folder};
    error_page 405 =200 $uri;
    add_trailer grpc-status 0;
  }}
  server {{
    listen 127.0.0.1:{status_port};
    location = /status {{ stub_status; }}
  }}
}}
"""


@dataclass(frozen=True)
class Backend:
    """A running nginx."""

    address: str
    process: psutil.Process
    status_port: int

    def requests(self) -> int:
        """Number of requests answered so far, including the requests of this method."""
        return parse_requests(_status(self.status_port))


@contextmanager
def running_backend(folder: Path, core: int) -> Iterator[Backend]:
    """Run nginx on this core during the block."""
    if shutil.which("nginx") is None:
        sys.exit("bench.peers needs nginx (on Debian: apt-get install nginx)")
    _write_frame(folder / "lba.catalogue.v1.Catalogue" / "SearchFormations", formations())
    _write_frame(folder / "lba.prediction.v1.Prediction" / "SearchRecruteurs", recruteurs())
    port, status_port = free_port(), free_port()
    config, log = folder / "nginx.conf", folder / "nginx.log"
    config.write_text(_CONFIG.format(folder=folder, port=port, status_port=status_port))
    command = ["nginx", "-p", str(folder), "-c", str(config), "-e", str(log)]
    with running(pinned(core, command), folder / "nginx.out") as process:
        _wait_until_ready(process, status_port, log)
        yield Backend(f"127.0.0.1:{port}", process, status_port)


def frame(message: Message) -> bytes:
    """The body of a gRPC answer: a flag (0, not compressed), the length in 4 bytes, the message."""
    body = message.SerializeToString()
    return b"\0" + len(body).to_bytes(4, "big") + body


def parse_requests(status: str) -> int:
    """The count of requests in the status page of nginx: the third number of its third line.

    See https://nginx.org/en/docs/http/ngx_http_stub_status_module.html
    """
    return int(status.splitlines()[2].split()[2])


def _write_frame(path: Path, message: Message) -> None:
    path.parent.mkdir()
    path.write_bytes(frame(message))


def _wait_until_ready(process: psutil.Process, status_port: int, log: Path) -> None:
    ends_at = time.monotonic() + START_LIMIT_S
    while time.monotonic() < ends_at and process.status() != psutil.STATUS_ZOMBIE:
        try:
            _status(status_port)
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    sys.exit(f"nginx does not start: {log.read_text()}")


def _status(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/status")
        return connection.getresponse().read().decode()
    finally:
        connection.close()
