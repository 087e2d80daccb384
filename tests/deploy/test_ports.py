from __future__ import annotations

import socket

from deploy.local.ports import choose, is_free


def _listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_listened_port_is_not_free_and_is_once_closed() -> None:
    with _listener() as listener:
        port = listener.getsockname()[1]
        assert not is_free(port)

    assert is_free(port)


def test_port_listened_on_all_addresses_is_not_free() -> None:
    with socket.create_server(("0.0.0.0", 0)) as listener:
        assert not is_free(listener.getsockname()[1])


def test_taken_port_is_replaced_and_told() -> None:
    told: list[str] = []
    with _listener() as listener:
        taken = listener.getsockname()[1]
        chosen = choose([("catalogue", taken)], told.append)

    assert chosen["catalogue"] != taken
    assert told == [f"port {taken} is taken: catalogue listens on {chosen['catalogue']}"]


def test_free_port_is_kept_and_not_given_twice() -> None:
    told: list[str] = []
    with _listener() as listener:
        port = listener.getsockname()[1]

    chosen = choose([("jobs", port), ("rdv", port)], told.append)

    assert chosen["jobs"] == port
    assert chosen["rdv"] != port
    assert len(told) == 1
