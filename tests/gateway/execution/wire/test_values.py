from __future__ import annotations

import base64
import math
import struct
from types import ModuleType

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.execution.wire.spec import Field, Kind, Spec
from tests.gateway.execution.wire.conftest import NUMBER, SHAPE, Write
from tests.support.wire.message_types import Everything
from tests.support.wire.mutations import delimited, tag
from tests.support.wire.reference import is_plain, one_object


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.one_of(st.characters(max_codepoint=0x80), st.characters(codec="utf-8"))))
def test_texts_are_escaped_as_orjson_does(write: Write, text: str) -> None:
    data = delimited(NUMBER["plain_string"], text.encode())

    assert write("plain_string", Kind.STRING, data) == orjson.dumps(text)


@pytest.mark.parametrize("special", [*map(chr, range(0x21)), '"', "\\", "\x7f", "\x80", "é", "€", "😀"])
def test_a_special_character_is_seen_at_every_place(write: Write, special: str) -> None:
    for length in (0, 1, 7, 8, 15, 16, 17, 33):
        for place in range(length + 1):
            text = "x" * place + special + "x" * (length - place)
            data = delimited(NUMBER["plain_string"], text.encode())
            assert write("plain_string", Kind.STRING, data) == orjson.dumps(text)
            assert write("plain_string", Kind.STRING, data + data) == orjson.dumps(text)


@pytest.mark.parametrize("character", ["\0", "\n", "é"])
def test_the_answer_may_be_much_longer_than_the_message(write: Write, character: str) -> None:
    text = character * 20_000
    data = delimited(NUMBER["plain_string"], text.encode())

    assert write("plain_string", Kind.STRING, data) == orjson.dumps(text)


@pytest.mark.parametrize(
    "wrong",
    [
        *(b"\x80", b"\xbf", b"\xc0\xaf", b"\xc1\x81", b"\xc3", b"\xc3x", b"\xe0\x80\x80", b"\xe0\x9f\xbf"),
        *(
            b"\xe2\x82",
            b"\xe2\x82x",
            b"\xed\xa0\x80",
            b"\xed\xbf\xbf",
            b"\xf0\x80\x80\x80",
            b"\xf0\x8f\xbf\xbf",
        ),
        *(b"\xf0\x9f\x98", b"\xf0\x9f\x98x", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff"),
    ],
)
@pytest.mark.parametrize("around", [b"", b"x" * 15, b"x" * 16])
def test_invalid_text_is_refused_wherever_it_is(write: Write, wrong: bytes, around: bytes) -> None:
    text = around + wrong + around
    plain = delimited(NUMBER["plain_string"], text)
    listed = delimited(NUMBER["repeated_string"], text)
    below = delimited(NUMBER["itself_1"], plain)

    assert write("plain_string", Kind.STRING, plain) is None
    assert write("plain_string", Kind.GLOBAL_ID, plain) is None
    assert write("repeated_string", Kind.STRING, listed) is None
    assert write("plain_string", Kind.STRING, plain + delimited(NUMBER["plain_string"], b"later")) is None
    for unselected in (plain, listed, below, delimited(NUMBER["itself_3"], below)):
        assert write("plain_bool", Kind.BOOL, unselected) is None


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(
    value=st.one_of(st.floats(), st.floats(-1000, 1000), st.integers(-(2**60), 2**60).map(lambda i: i / 1e7))
)
def test_doubles_are_written_as_orjson_does_or_refused(write: Write, value: float) -> None:
    data = tag(NUMBER["plain_double"], 1) + struct.pack("<d", value)

    assert write("plain_double", Kind.DOUBLE, data) == (orjson.dumps(value) if is_plain(value) else None)


@settings(max_examples=500, deadline=None)
@given(value=st.floats(width=32))
def test_floats_are_written_as_the_doubles_that_they_are(write: Write, value: float) -> None:
    data = tag(NUMBER["plain_float"], 5) + struct.pack("<f", value)

    assert write("plain_float", Kind.FLOAT, data) == (orjson.dumps(value) if is_plain(value) else None)


@pytest.mark.parametrize("power", range(-4, 16))
def test_doubles_near_powers_of_ten(write: Write, power: int) -> None:
    near = [10.0**power, math.nextafter(10.0**power, 0), math.nextafter(10.0**power, math.inf)]
    for value in (*near, -near[0], 9.9999999 * 10.0**power, 3 * 10.0**power):
        data = tag(NUMBER["plain_double"], 1) + struct.pack("<d", value)
        assert write("plain_double", Kind.DOUBLE, data) == (orjson.dumps(value) if is_plain(value) else None)


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("plain_int32", -1, b"-1"),
        ("plain_int32", -(2**31), b"-2147483648"),
        ("plain_uint32", 2**31 - 1, b"2147483647"),
        ("plain_uint32", 2**31, None),
        ("plain_int64", -(2**31) - 1, None),
        ("plain_uint64", 2**64 - 1, None),
        ("plain_sint32", -(2**31), b"-2147483648"),
        ("plain_sint64", 2**31, None),
        ("plain_fixed64", 2**63, None),
        ("plain_fixed32", 2**32 - 1, None),
        ("plain_sfixed32", -5, b"-5"),
        ("plain_sfixed64", -5, b"-5"),
    ],
)
def test_integers_are_ints_of_graphql_or_refused(
    write: Write, name: str, value: int, written: bytes | None
) -> None:
    assert write(name, Kind.INT32, Everything(**{name: value}).SerializeToString()) == written


def test_members_of_an_enum_that_are_not_known_are_null_or_left_out(write: Write) -> None:
    listed = Everything(repeated_colour=[1, 0, 99, -7]).SerializeToString()

    assert write("plain_colour", Kind.ENUM, Everything(plain_colour=99).SerializeToString()) == b"null"
    assert write("plain_colour", Kind.ENUM, Everything(plain_colour=-7).SerializeToString()) == b'"COLD"'
    assert write("repeated_colour", Kind.ENUM, listed) == b'["RED","COLD"]'


@settings(max_examples=200, deadline=None)
@given(prefix=st.text(max_size=8), key=st.text(max_size=20))
def test_global_ids_are_base64_of_prefix_and_key(compiled: ModuleType, prefix: str, key: str) -> None:
    program = compiled.Program(
        Spec((Field(Kind.GLOBAL_ID, "id", NUMBER["plain_string"], text=prefix),), SHAPE)
    )

    answer = one_object(program)(Everything(plain_string=key).SerializeToString())

    assert orjson.loads(answer) == {"id": base64.b64encode((prefix + key).encode()).decode()}
