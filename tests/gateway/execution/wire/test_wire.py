from __future__ import annotations

from random import Random
from types import ModuleType

import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.execution.wire.shape import shape_of
from gateway.execution.wire.spec import Field, Kind, Spec
from tests.gateway.execution.wire.conftest import NUMBER, SHAPE, Write
from tests.support.wire.corpus import TYPES, outcome
from tests.support.wire.message_types import Choice, Everything, Wide
from tests.support.wire.mutations import HARMLESS, LEN, VARINT, delimited, tag, varint
from tests.support.wire.random_messages import random_message, random_spec
from tests.support.wire.reference import Refused, one_object, reference

CHANCE = st.randoms(use_true_random=False)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(chance=CHANCE, cls=st.sampled_from(TYPES))
def test_answers_are_those_of_the_reference(compiled: ModuleType, chance: Random, cls: type[Message]) -> None:
    spec = random_spec(chance, cls.DESCRIPTOR)
    data = random_message(chance, cls).SerializeToString()

    given_back = outcome(one_object(compiled.Program(spec)), compiled.NotAsPlanned, data)

    assert given_back == outcome(reference(cls, spec), Refused, data)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(chance=CHANCE, cls=st.sampled_from(TYPES))
def test_unknown_repeated_and_reordered_fields_are_read_as_protobuf_reads_them(
    compiled: ModuleType, chance: Random, cls: type[Message]
) -> None:
    spec = random_spec(chance, cls.DESCRIPTOR)
    data = random_message(chance, cls).SerializeToString()
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(HARMLESS)(chance, data)

    given_back = outcome(one_object(compiled.Program(spec)), compiled.NotAsPlanned, data)

    assert given_back is None or given_back == reference(cls, spec)(data)


def test_the_last_of_two_scalars_wins(write: Write) -> None:
    data = Everything(plain_int32=1).SerializeToString() + Everything(plain_int32=-2).SerializeToString()

    assert write("plain_int32", Kind.INT32, data) == b"-2"


def test_packed_and_unpacked_items_make_one_list(write: Write) -> None:
    number = NUMBER["repeated_sint32"]
    data = tag(number, VARINT) + b"\x03" + delimited(number, b"\x04\x05") + delimited(number, b"")

    assert write("repeated_sint32", Kind.INT32, data) == b"[-2,2,-3]"
    assert write("repeated_sint32", Kind.INT32, data + delimited(number, b"\x80")) is None


def test_absent_fields_are_null_or_the_default_of_their_type(write: Write) -> None:
    assert write("plain_string", Kind.STRING, b"") == b'""'
    assert write("plain_double", Kind.DOUBLE, b"") == b"0.0"
    assert write("plain_bool", Kind.BOOL, b"") == b"false"
    assert write("repeated_int32", Kind.INT32, b"") == b"[]"
    assert write("optional_string", Kind.STRING, b"") == b"null"
    assert write("plain_string", Kind.GLOBAL_ID, b"") == b'""'
    assert write("plain_colour", Kind.ENUM, b"") == b"null"


def test_a_null_where_a_value_is_required_is_refused(compiled: ModuleType) -> None:
    field = Field(Kind.STRING, "v", NUMBER["optional_string"], presence=True, required=True)
    program = compiled.Program(Spec((field,), SHAPE))

    with pytest.raises(compiled.NotAsPlanned):
        program.list([b""])


def test_a_second_message_in_one_field_is_refused_only_where_it_is_read(write: Write) -> None:
    data = delimited(NUMBER["choice_1"], b"") * 2

    assert write("choice_1", Kind.OBJECT, data) is None
    assert write("plain_bool", Kind.BOOL, data) == b"false"


def test_two_members_of_a_oneof_are_refused(compiled: ModuleType) -> None:
    text, size = Choice(text="a").SerializeToString(), Choice(size=1).SerializeToString()
    field = Field(Kind.STRING, "v", 1, presence=True)
    program = compiled.Program(Spec((field,), shape_of(Choice.DESCRIPTOR)))

    assert program.list([text + text, size]) == b'[{"v":"a"},{"v":null}]'
    for data in (text + size, size + text):
        with pytest.raises(compiled.NotAsPlanned):
            program.list([data])


@pytest.mark.parametrize(
    "data",
    [
        b"\x00",
        b"\x02\x00",
        tag(NUMBER["plain_int32"], LEN) + b"\x00",
        tag(NUMBER["plain_string"], VARINT) + b"\x00",
        tag(500, 3) + tag(500, 4),
        tag(500, 4),
        tag(500, 6),
        tag(500, 7),
        tag(500, VARINT) + b"\xff" * 10 + b"\x01",
        tag(500, VARINT) + b"\xff" * 9 + b"\x02",
        tag(500, LEN) + varint(2**31),
        tag(500, LEN) + varint(0, overlong=5),
        varint(500 << 3, overlong=4) + b"\x00",
        b"\xff\xff\xff\xff\x1f\x00",
        delimited(NUMBER["repeated_double"], b"1234567"),
        delimited(NUMBER["repeated_float"], b"12345"),
    ],
)
def test_unusual_bytes_are_refused(write: Write, data: bytes) -> None:
    assert write("plain_bool", Kind.BOOL, data) is None


def test_a_message_cut_anywhere_is_refused_or_read_as_protobuf_reads_it(compiled: ModuleType) -> None:
    chance = Random(7)
    data = random_message(chance, Everything).SerializeToString()
    spec = random_spec(chance, Everything.DESCRIPTOR)
    given, expected = one_object(compiled.Program(spec)), reference(Everything, spec)

    for length in range(len(data)):
        given_back = outcome(given, compiled.NotAsPlanned, data[:length])
        assert given_back is None or given_back == outcome(expected, Refused, data[:length])


def test_messages_nested_too_deeply_are_refused(write: Write) -> None:
    deep = b""
    for _ in range(32):
        deep = delimited(NUMBER["itself_1"], deep)

    assert write("plain_bool", Kind.BOOL, deep) == b"false"
    assert write("plain_bool", Kind.BOOL, delimited(NUMBER["itself_1"], deep)) is None


def test_fields_beyond_the_table_of_small_numbers_are_found(compiled: ModuleType) -> None:
    spec = random_spec(Random(1), Wide.DESCRIPTOR)
    data = random_message(Random(3), Wide).SerializeToString()

    assert one_object(compiled.Program(spec))(data) == reference(Wide, spec)(data)
