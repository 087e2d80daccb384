"""Ports on this machine: is one free, and which one instead."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Collection, Iterable, Iterator

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """True when a server may listen on it now, on this machine's own address and on all of them."""
    return all(_may_listen(host, port) for host in (HOST, "0.0.0.0"))


def choose(wanted: Iterable[tuple[str, int]], tell: Callable[[str], None]) -> dict[str, int]:
    """A port for each name: the one it wants, or a free one, which is told."""
    chosen: dict[str, int] = {}
    for name, port in wanted:
        chosen[name] = port
        if port in list(chosen.values())[:-1] or not is_free(port):
            chosen[name] = any_free(chosen.values())
            tell(f"port {port} is taken: {name} listens on {chosen[name]}")
    return chosen


def any_free(taken: Collection[int]) -> int:
    """A port that nobody has just now, and that is none of those."""
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port


@contextlib.contextmanager
def held(ports: Iterable[int]) -> Iterator[None]:
    """Keep the ports for the servers that will listen on them.

    The system gives free ports to connections, and even connects a client that tries again and again to
    itself, from the very port that it calls: the server could then never listen there.
    """
    with contextlib.ExitStack() as stack:
        for port in ports:
            kept = stack.enter_context(socket.socket())
            # Servers set it too, and so may listen where somebody is bound and does not.
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Taken since it was found free: the server will say so.
            with contextlib.suppress(OSError):
                kept.bind((HOST, port))
        yield


def _may_listen(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose last connections are only fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
