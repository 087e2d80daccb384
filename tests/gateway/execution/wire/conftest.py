"""The C extension, built for these tests if it is not installed, and programs of one field."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from gateway.execution import wire
from gateway.execution.wire.build import ToolMissing, build
from gateway.execution.wire.shape import shape_of
from gateway.execution.wire.spec import Field, Kind, Spec
from tests.support.wire.corpus import loaded_from, outcome
from tests.support.wire.message_types import Everything
from tests.support.wire.reference import one_object

NUMBER = {field.name: field.number for field in Everything.DESCRIPTOR.fields}
SHAPE = shape_of(Everything.DESCRIPTOR)

Write = Callable[[str, Kind, bytes], bytes | None]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    module = wire.load()
    if module is not None:
        return module
    try:
        return loaded_from(build(tmp_path_factory.mktemp("wire")).parent)
    except ToolMissing as reason:
        pytest.skip(f"the compiled part of the gateway can't be built: {reason}")


@pytest.fixture(scope="session")
def write(compiled: ModuleType) -> Write:
    """A function that writes one field of an Everything message; it returns None if the program refuses."""

    def write_field(name: str, kind: Kind, data: bytes) -> bytes | None:
        field = Everything.DESCRIPTOR.fields_by_name[name]
        one = Field(
            kind,
            "v",
            field.number,
            repeated=field.is_repeated,
            presence=field.has_presence,
            names={1: "RED", 2: "GREEN", -7: "COLD"} if kind is Kind.ENUM else {},
            object=Spec(()) if kind is Kind.OBJECT else None,
        )
        program = compiled.Program(Spec((one,), SHAPE))
        answer: bytes | None = outcome(one_object(program), compiled.NotAsPlanned, data)
        return None if answer is None else answer.removeprefix(b'{"v":').removesuffix(b"}")

    return write_field
