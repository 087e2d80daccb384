"""Which answers are compressed, and how."""

from __future__ import annotations

import gzip

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.encodings import MIN_BYTES, encoding_for
from tests.gateway.conftest import Gateway

LONG = "{ __schema { types { name description } } }"
DECODE = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br", "br"),
        ("GZIP", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, gzip;q=0", ""),
        ("deflate, zstd", ""),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("*;q=0", ""),
        ("identity", ""),
        ("identity, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip", "gzip"),
        ("x-gzip, gzipped", ""),
    ],
)
def test_the_client_s_preference_is_kept(accepted: str, chosen: str) -> None:
    assert encoding_for(accepted) == chosen


@given(st.text(st.characters(codec="latin-1")))
def test_whatever_is_asked_an_encoding_is_found(accepted: str) -> None:
    assert encoding_for(accepted) in ("", "br", "gzip")


@pytest.mark.parametrize("encoding", ["", "br", "gzip"])
async def test_a_long_answer_is_compressed_when_asked(gateway: Gateway, encoding: str) -> None:
    plain = await (await gateway.post(LONG, {"accept-encoding": "identity"})).read()
    gateway.client.session._auto_decompress = False  # noqa: SLF001 - the answer is looked at as it was sent

    response = await gateway.post(LONG, {"accept-encoding": encoding or "identity"})
    body = await response.read()

    assert response.headers.get("Content-Encoding", "") == encoding
    assert response.headers["Vary"] == "Accept, Accept-Encoding"
    assert response.headers["Content-Length"] == str(len(body))
    assert len(plain) > MIN_BYTES
    assert (DECODE[encoding](body) if encoding else body) == plain
    assert not encoding or len(body) < len(plain) / 2


async def test_a_short_answer_is_sent_as_it_is(gateway: Gateway) -> None:
    response = await gateway.post("{ __typename }", {"accept-encoding": "br, gzip"})

    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd", "GZIP", "gzip, gzip", "x"])
async def test_a_compressed_request_is_refused_without_a_look(gateway: Gateway, encoding: str) -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    headers = {"content-type": "application/json", "content-encoding": encoding}

    for body in (bomb, b"\x1f\x8b no gzip"):
        response = await gateway.client.post("/graphql", data=body, headers=headers)

        assert response.status == 415
        assert response.headers["Accept-Encoding"] == "identity"
        [error] = (await response.json())["errors"]
        assert error["extensions"]["code"] == "UNSUPPORTED_ENCODING"


async def test_a_request_that_is_not_compressed_may_say_so(gateway: Gateway) -> None:
    response = await gateway.post("{ __typename }", {"content-encoding": "identity"})

    assert response.status == 200
