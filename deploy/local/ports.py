"""Finds and reserves free TCP ports on this machine."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server can listen on the port now, on 127.0.0.1 and on all addresses."""
    return all(_can_bind(host, port) for host in (HOST, "0.0.0.0"))


def free_port(taken: Collection[int]) -> int:
    """A port that is free now and not in `taken`."""
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port


@contextlib.contextmanager
def reserved_ports(
    wanted: Iterable[tuple[str, int]], notify: Callable[[str], None]
) -> Iterator[dict[str, int]]:
    """A port for each (name, wanted port), reserved during the block.

    If a port is taken, or reserved by another local system, a free one replaces it and `notify` says so.
    """
    with contextlib.ExitStack() as stack:
        chosen: dict[str, int] = {}
        for name, port in wanted:
            chosen[name] = port
            while not _reserve(chosen[name], stack):
                chosen[name] = free_port(chosen.values())
            if chosen[name] != port:
                notify(f"port {port} is taken: {name} listens on {chosen[name]}")
        yield chosen


def _reserve(port: int, stack: contextlib.ExitStack) -> bool:
    """Whether the port was free, and is now reserved until the stack is closed.

    The lock keeps it from other local systems, which may start at the same time. The bound socket keeps the
    system from giving it to an outgoing connection: a client that retries a local port without a server may
    get that same port as its own and connect to itself (TCP simultaneous open), and the server could then
    never listen on it.
    """
    with contextlib.ExitStack() as attempt:
        lock = attempt.enter_context(_lock_file(port).open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if not is_free(port):
            return False
        reserved = attempt.enter_context(socket.socket())
        # With SO_REUSEADDR on both sockets, a server may listen on a port that another has only bound.
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # If the port was taken meanwhile, the server itself reports it.
        with contextlib.suppress(OSError):
            reserved.bind((HOST, port))
        stack.enter_context(attempt.pop_all())
    return True


def _lock_file(port: int) -> Path:
    folder = Path(tempfile.gettempdir()) / f"la-bonne-alternance-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    return folder / str(port)


def _can_bind(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port with connections in TIME_WAIT only is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
