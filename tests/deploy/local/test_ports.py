from __future__ import annotations

import socket
import struct

import pytest

from deploy.local.ports import free_port, is_free, reserved_ports

IP_LOCAL_PORT_RANGE = 51
"""Socket option of Linux 6.3 and later; Python has no name for it yet."""


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


def test_taken_port_is_replaced_and_reported() -> None:
    notified: list[str] = []
    with _listener() as listener:
        taken = listener.getsockname()[1]
        with reserved_ports([("catalogue", taken)], notified.append) as chosen:
            assert chosen["catalogue"] != taken

    assert notified == [f"port {taken} is taken: catalogue listens on {chosen['catalogue']}"]


def test_free_port_is_kept_and_not_given_twice() -> None:
    notified: list[str] = []
    with _listener() as listener:
        port = listener.getsockname()[1]

    with reserved_ports([("jobs", port), ("rdv", port)], notified.append) as chosen:
        assert chosen["jobs"] == port
        assert chosen["rdv"] != port
    assert len(notified) == 1


def test_port_of_another_local_system_is_replaced_until_that_one_ends() -> None:
    notified: list[str] = []
    port = free_port([])

    with reserved_ports([("mongod", port)], notified.append) as first:
        assert first == {"mongod": port}
        # Nothing listens on the port yet, so the system could give the same port twice.
        assert is_free(port)
        with reserved_ports([("mongod", port)], notified.append) as second:
            assert second["mongod"] != port

    with reserved_ports([("mongod", port)], notified.append) as third:
        assert third == {"mongod": port}
    assert len(notified) == 1


def _client_from(port: int) -> socket.socket:
    """A client to which the system can give only one port for its connections."""
    client = socket.socket()
    try:
        client.setsockopt(socket.IPPROTO_IP, IP_LOCAL_PORT_RANGE, struct.pack("=I", port << 16 | port))
    except OSError:
        client.close()
        pytest.skip("this system has no IP_LOCAL_PORT_RANGE")
    return client


def test_client_may_take_a_port_by_calling_it() -> None:
    port = free_port([])
    with _client_from(port) as client:
        client.connect(("127.0.0.1", port))

        assert not is_free(port)


def test_held_port_is_given_to_no_client_and_a_server_may_listen_on_it() -> None:
    port = free_port([])
    with reserved_ports([("rdv", port)], print), _client_from(port) as client:
        with pytest.raises(OSError, match="assign"):
            client.connect(("127.0.0.1", port))
        with (
            socket.create_server(("127.0.0.1", port)) as server,
            socket.create_connection(server.getsockname()),
        ):
            assert not is_free(port)

    assert is_free(port)
