from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.search.identity import HASH_CHARS, identity_hash
from gateway.search.position import MAX_SEEN, Position, decode_position, encode_position
from services.common.cursor import MAX_CURSOR_CHARS
from services.common.errors import InvalidRequest
from tests.support.common.cursors import tampered, written

DIGEST = "0123456789"
CURSORS = st.text(st.characters(codec="ascii"), max_size=100)
SEEN = st.lists(st.text(min_size=1).map(identity_hash), max_size=MAX_SEEN).map(tuple)
POSITIONS = st.builds(Position, st.just(DIGEST), st.tuples(CURSORS, CURSORS, CURSORS), SEEN)


def _refused_on(cursor: str, digest: str = DIGEST) -> list[str]:
    with pytest.raises(InvalidRequest) as refused:
        decode_position(digest, cursor)
    return [problem.field for problem in refused.value.problems]


@given(POSITIONS)
def test_a_position_survives_its_cursor(position: Position) -> None:
    assert decode_position(DIGEST, encode_position(position)) == position


@given(POSITIONS, st.data())
def test_whatever_comes_as_a_cursor_is_read_or_refused(position: Position, data: st.DataObject) -> None:
    cursor = data.draw(tampered(encode_position(position)))

    try:
        read = decode_position(DIGEST, cursor)
    except InvalidRequest:
        assert _refused_on(cursor) == ["after"]
        return
    assert read.digest == DIGEST
    assert all(isinstance(each, str) for each in read.cursors)
    assert len(read.seen) <= MAX_SEEN
    assert {len(each) for each in read.seen} <= {HASH_CHARS}


def test_the_longest_position_is_read_again() -> None:
    seen = tuple(identity_hash(str(number)) for number in range(MAX_SEEN))
    longest = Position(DIGEST, ("x" * 500,) * 3, seen)

    cursor = encode_position(longest)

    assert len(cursor) < MAX_CURSOR_CHARS
    assert decode_position(DIGEST, cursor) == longest


@pytest.mark.parametrize(
    "key",
    [["", "", ""], ["", "", "", "abc"], ["", "", 1, ""], ["", "", "", "é" * 6], ["", "", "", "a" * 606]],
)
def test_a_key_of_other_kinds_is_refused(key: list[object]) -> None:
    assert _refused_on(written([DIGEST, *key])) == ["after"]


def test_a_cursor_of_another_list_is_refused() -> None:
    assert _refused_on(encode_position(Position("another")), DIGEST) == ["after"]


def test_no_cursor_is_the_start() -> None:
    assert decode_position(DIGEST, "") == Position(DIGEST)
