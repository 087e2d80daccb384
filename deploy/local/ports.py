"""Finds and reserves free TCP ports on this machine."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Collection, Iterable, Iterator

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server can listen on the port now, on 127.0.0.1 and on all addresses."""
    return all(_can_bind(host, port) for host in (HOST, "0.0.0.0"))


def choose_ports(wanted: Iterable[tuple[str, int]], notify: Callable[[str], None]) -> dict[str, int]:
    """A port for each (name, wanted port). A taken port is replaced by a free one, and `notify` is called."""
    chosen: dict[str, int] = {}
    for name, port in wanted:
        chosen[name] = port
        if port in list(chosen.values())[:-1] or not is_free(port):
            chosen[name] = free_port(chosen.values())
            notify(f"port {port} is taken: {name} listens on {chosen[name]}")
    return chosen


def free_port(taken: Collection[int]) -> int:
    """A port that is free now and not in `taken`."""
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port


@contextlib.contextmanager
def reserved_ports(ports: Iterable[int]) -> Iterator[None]:
    """Bind the ports during the block, so that the system gives them to no outgoing connection.

    A client that retries a local port without a server may get that same port as its own and connect to
    itself (TCP simultaneous open). The server could then never listen on it.
    """
    with contextlib.ExitStack() as stack:
        for port in ports:
            reserved = stack.enter_context(socket.socket())
            # With SO_REUSEADDR on both sockets, a server may listen on a port that another has only bound.
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # If the port was taken meanwhile, the server itself reports it.
            with contextlib.suppress(OSError):
                reserved.bind((HOST, port))
        yield


def _can_bind(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port with connections in TIME_WAIT only is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
