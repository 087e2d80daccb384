"""Who sends a request."""

from __future__ import annotations

import hashlib
from ipaddress import ip_network

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from gateway.edge.callers import Caller, Callers
from services.common.caller import MAX_CALLER_CHARS
from services.common.errors import Unauthenticated

KEY = "a-partner-s-key"
PARTNERS = {"onisep": hashlib.sha256(KEY.encode()).hexdigest()}
PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def caller_of(peer: str, *forwarded: str, key: str | None = None, salt: str = "s") -> Caller:
    headers = [("X-Forwarded-For", each) for each in forwarded] + ([("X-API-Key", key)] if key else [])
    request = make_mocked_request("POST", "/graphql", headers=CIMultiDict(headers))
    return Callers(salt, PARTNERS, PROXIES).of(request.clone(remote=peer))


def test_an_address_is_one_caller_and_another_is_another() -> None:
    assert caller_of("192.0.2.1") == caller_of("192.0.2.1")
    assert caller_of("192.0.2.1") != caller_of("192.0.2.2")


def test_the_name_does_not_tell_the_address() -> None:
    found = caller_of("192.0.2.1")

    assert "192" not in found.name
    assert found.name != caller_of("192.0.2.1", salt="other").name
    assert 32 <= len(found.name) <= MAX_CALLER_CHARS


def test_a_client_can_t_choose_its_address() -> None:
    assert caller_of("192.0.2.1", "198.51.100.7") == caller_of("192.0.2.1")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7", "10.0.0.2"], "198.51.100.7"),
        # What stands before the first address that is not ours is the client's own word.
        ("10.0.0.1", ["203.0.113.1, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.1", "198.51.100.7"], "198.51.100.7"),
        ("fd00::1", ["198.51.100.7"], "198.51.100.7"),
        ("::ffff:10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        # A subscriber has a whole network of IPv6 addresses.
        ("2001:db8:1:2::a", [], "2001:db8:1:2:ffff::b"),
        ("::ffff:192.0.2.1", [], "192.0.2.1"),
    ],
)
def test_a_trusted_proxy_speaks_for_its_clients(peer: str, forwarded: list[str], client: str) -> None:
    assert caller_of(peer, *forwarded) == caller_of(client)


@given(st.lists(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])), max_size=4))
def test_whatever_is_forwarded_is_read_or_left(forwarded: list[str]) -> None:
    assert caller_of("10.0.0.1", *forwarded).name


def test_a_known_key_is_its_partner_wherever_it_comes_from() -> None:
    found = caller_of("192.0.2.1", key=KEY)

    assert found.partner == "onisep"
    assert found == caller_of("192.0.2.2", key=KEY)
    assert found.name != caller_of("192.0.2.1").name


@pytest.mark.parametrize("key", ["other", "é", "a" * 10_000])
def test_an_unknown_key_is_refused(key: str) -> None:
    with pytest.raises(Unauthenticated, match="X-API-Key"):
        caller_of("192.0.2.1", key=key)
