from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from gateway.execution.wire.shape import Shape, Slot
from gateway.execution.wire.spec import Field, Kind, Spec
from protos import catalogue_pb2
from tests.gateway.execution.wire.conftest import NUMBER, SHAPE
from tests.support.wire.corpus import outcome
from tests.support.wire.message_types import Everything
from tests.support.wire.mutations import delimited

TEXT = Field(Kind.STRING, "text", NUMBER["plain_string"])
BELOW = Field(Kind.OBJECT, "below", NUMBER["itself_1"], object=Spec((TEXT,)))


def test_a_list_is_an_array_of_its_objects(compiled: ModuleType) -> None:
    program = compiled.Program(Spec((TEXT,), SHAPE))
    items = tuple(Everything(plain_string=text).SerializeToString() for text in ("a", "", 'b"'))

    assert program.list(items) == b'[{"text":"a"},{"text":""},{"text":"b\\""}]'
    assert program.list([]) == b"[]"


def test_an_item_that_is_not_bytes_is_a_type_error(compiled: ModuleType) -> None:
    program = compiled.Program(Spec((TEXT,), SHAPE))
    wrong: list[Callable[[], Any]] = [
        lambda: program.list([b"", bytearray()]),
        lambda: program.list(1),
        lambda: compiled.split("text", 1),
    ]

    for call in wrong:
        with pytest.raises(TypeError):
            call()


def test_split_gives_the_rest_and_what_the_field_holds(compiled: ModuleType) -> None:
    formations = [catalogue_pb2.Formation(id=each) for each in ("1", "2", "3")]
    whole = catalogue_pb2.GetFormationsResponse(formations=formations, missing=["4"])

    rest, found = compiled.split(whole.SerializeToString(), 1)

    assert catalogue_pb2.GetFormationsResponse.FromString(rest).missing == ["4"]
    assert found == [each.SerializeToString() for each in formations]
    assert compiled.split(b"", 1) == (b"", [])


@pytest.mark.parametrize("data", [b"\x0a\x02a", b"\x08\x01", b"\x0b\x0c", b"\x13\x14", b"\x0a\x01a\x80"])
def test_split_refuses_what_is_malformed(compiled: ModuleType, data: bytes) -> None:
    with pytest.raises(compiled.NotAsPlanned):
        compiled.split(data, 1)


@pytest.mark.parametrize(
    "spec",
    [
        Spec((TEXT,)),
        Spec((Field(Kind.STRING, "v", 500),), SHAPE),
        Spec((Field(Kind.STRING, "v", NUMBER["repeated_string"]),), SHAPE),
        Spec((Field(Kind.STRING, "v", NUMBER["plain_int32"]),), SHAPE),
        Spec((Field(Kind.DOUBLE, "v", NUMBER["plain_int32"]),), SHAPE),
        Spec((Field(Kind.INT32, "v", NUMBER["plain_double"]),), SHAPE),
        Spec((Field(Kind.OBJECT, "v", NUMBER["itself_1"]),), SHAPE),
        Spec((Field(Kind.STRING, "v", NUMBER["plain_string"], object=Spec(())),), SHAPE),
        Spec((Field(Kind.GLOBAL_ID, "v", NUMBER["repeated_string"], repeated=True),), SHAPE),
        Spec((Field(Kind.ENUM, "v", NUMBER["plain_colour"], names={0: "NONE"}),), SHAPE),
        Spec((Field(Kind.CONSTANT, "v", text="{"),), SHAPE),
        Spec((Field(Kind.CONSTANT, "v", NUMBER["plain_string"], text="1"),), SHAPE),
        Spec((TEXT,), Shape({NUMBER["plain_string"]: Slot(NUMBER["plain_string"], 10)})),
    ],
)
def test_a_wrong_spec_is_refused(compiled: ModuleType, spec: Spec) -> None:
    with pytest.raises(ValueError, match=r"."):
        compiled.Program(spec)


def test_a_spec_that_is_too_deep_is_refused(compiled: ModuleType) -> None:
    spec = Spec((TEXT,), SHAPE)
    for _ in range(32):
        spec = Spec((Field(Kind.OBJECT, "v", NUMBER["itself_1"], object=spec),), SHAPE)
    compiled.Program(spec)

    with pytest.raises(ValueError, match="deep"):
        compiled.Program(Spec((Field(Kind.OBJECT, "v", NUMBER["itself_1"], object=spec),), SHAPE))


SLOT = (1, 9, False, 0, -1, -1)
OUTPUT = (1, False, False, 0, -1, b'"v":', b"", b"", ())


@pytest.mark.parametrize(
    "layout",
    [
        (),
        [],
        (None,),
        ((1, (), ()), 1),
        ((-1, (), ()),),
        ((1, (None,), ()),),
        ((0, (SLOT,), (OUTPUT,)),),
        ((1, ((1, 9, False, 1, -1, -1),), ()),),
        ((1, ((1, 9, False, 0, 1, -1),), ()),),
        ((1, ((1, 11, False, 0, -1, -1),), ()),),
        ((1, ((1, 11, False, 0, -1, 1),), ()),),
        ((1, ((1, 9, False, 0, -1, 0),), ()),),
        ((1, ((1, 19, False, 0, -1, -1),), ()),),
        ((1, (SLOT, SLOT), ()),),
        ((1, (SLOT,), ((1, False, False, 1, -1, b"", b"", b"", ()),)),),
        ((1, (SLOT,), ((1, False, False, -1, -1, b"", b"", b"", ()),)),),
        ((1, (SLOT,), ((8, False, False, 0, -1, b"", b"", b"abc", ()),)),),
        ((1, (SLOT,), ((4, False, False, 0, -1, b"", b"", b"", (1,)),)),),
        ((1, (SLOT,), ((99, False, False, 0, -1, b"", b"", b"", ()),)),),
        ((1, ((1, 11, False, 0, -1, 0),), ((7, True, False, 0, 0, b"", b"", b"", ()),)),),
    ],
)
def test_wrong_tables_are_refused_before_they_are_used(compiled: ModuleType, layout: Any) -> None:
    with pytest.raises((ValueError, TypeError, SystemError)):
        compiled.Program(SimpleNamespace(layout=lambda: layout))


def test_right_tables_are_taken(compiled: ModuleType) -> None:
    program = compiled.Program(SimpleNamespace(layout=lambda: ((1, (SLOT,), (OUTPUT,)),)))

    assert program.list([delimited(1, b"a")]) == b'[{"v":"a"}]'


def test_calls_keep_no_memory(compiled: ModuleType) -> None:
    spec = Spec((TEXT, BELOW, Field(Kind.GLOBAL_ID, "id", NUMBER["plain_string"], text="A:")), SHAPE)
    program = compiled.Program(spec)
    data = delimited(NUMBER["plain_string"], b"text" * 200)
    whole, wrong = data + delimited(NUMBER["itself_1"], data), data + b"\x80"
    items, counted = [whole, whole], (whole, wrong, program, compiled.NotAsPlanned)

    def calls(count: int) -> None:
        for _ in range(count):
            program.list(items)
            compiled.split(whole, NUMBER["itself_1"])
            outcome(program.list, compiled.NotAsPlanned, [whole, wrong])
            outcome(compiled.split, compiled.NotAsPlanned, wrong, 1)

    def programs(count: int) -> None:
        for _ in range(count):
            compiled.Program(spec)
            outcome(compiled.Program, ValueError, Spec((TEXT, Field(Kind.BOOL, "v", TEXT.number)), SHAPE))

    calls(1000)
    programs(50)
    references = [sys.getrefcount(each) for each in counted]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    calls(12_500)
    programs(500)

    assert [sys.getrefcount(each) for each in counted] == references
    # In kilobytes (bytes on macOS). A leak of one kilobyte in one call of a hundred would exceed it.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1000 * (
        1024 if sys.platform == "darwin" else 1
    )
