"""Cursors that no service made, or that were damaged on their way."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable
from typing import Any

import grpc
from hypothesis import strategies as st

from services.common.errors import InvalidRequest, ServiceError, from_rpc

_PARTS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**31, 2**63, 2**64 - 1, 10**40, -1]),
    # json writes NaN and the infinities, which are no JSON, and halves of surrogate pairs.
    st.floats(),
    st.text(st.characters(), max_size=40),
    st.sampled_from(["\ud800", "\x00", "x" * 3_000]),
    st.lists(st.none() | st.integers(), max_size=2),
)


def written(parts: list[Any]) -> str:
    """A cursor that holds these, whatever they are."""
    return _encoded(json.dumps(parts).encode())


def parts_of(cursor: str) -> list[Any]:
    """What a cursor holds: the digest of its search, then its key."""
    parts: list[Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return parts


def tampered(cursor: str) -> st.SearchStrategy[str]:
    """What may come in the place of this cursor: noise, or this one cut, changed, forged, or too long."""
    digest, *key = parts_of(cursor)

    def with_part(place: int, part: Any) -> str:
        return written([digest, *key[:place], part, *key[place + 1 :]])

    return st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        st.binary(max_size=60).map(_encoded),
        st.integers(0, len(cursor) - 1).map(lambda length: cursor[:length]),
        st.tuples(st.integers(0, len(cursor) - 1), st.characters(codec="utf-8")).map(
            lambda change: cursor[: change[0]] + change[1] + cursor[change[0] + 1 :]
        ),
        st.builds(with_part, st.integers(0, len(key) - 1), _PARTS),
        st.lists(_PARTS, max_size=7).map(lambda parts: written([digest, *parts])),
        st.integers(1, 100_000).map(lambda size: cursor + "A" * size),
        st.just("[" * 5_000).map(lambda text: _encoded(text.encode())),
    )


async def check_judged(call: Awaitable[object]) -> None:
    """The service answers, or refuses the cursor; nothing else may happen."""
    refused: ServiceError | None = None
    try:
        await call
    except grpc.aio.AioRpcError as failure:
        refused = from_rpc(failure)
    if refused is not None:
        assert isinstance(refused, InvalidRequest), refused
        assert [problem.field for problem in refused.problems] == ["after"]


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
