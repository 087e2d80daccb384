"""A schema bound to messages with every kind of field of a contract, and random answers as bytes.

Some answers are wrong.
"""

from __future__ import annotations

import enum
import random
from types import SimpleNamespace
from typing import Any, cast

import strawberry
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig

from gateway.execution.binding import bind, bind_enum, read_field
from tests.support.execution.stamps import STAMPS, Stamp

_FILE = descriptor_pb2.FileDescriptorProto(name="forest.proto", package="forest", syntax="proto3")
_TYPES = descriptor_pb2.FieldDescriptorProto


def _message(name: str, fields: str) -> None:
    """Add a message. Fields are "name type", "name type*" (repeated) or "name type?" (optional)."""
    message = _FILE.message_type.add(name=name)
    for number, text in enumerate(fields.split(","), start=1):
        field_name, type_name = text.split()
        field = message.field.add(name=field_name, number=number, label=_TYPES.LABEL_OPTIONAL)
        if type_name.endswith("*"):
            field.label = _TYPES.LABEL_REPEATED
        if type_name.endswith("?"):
            field.proto3_optional, field.oneof_index = True, len(message.oneof_decl)
            message.oneof_decl.add(name=f"_{field_name}")
        bare = type_name.rstrip("*?")
        if bare[0].isupper():
            field.type = _TYPES.TYPE_ENUM if bare == "Hue" else _TYPES.TYPE_MESSAGE
            field.type_name = f".forest.{bare}"
        else:
            field.type = _TYPES.Type.Value(f"TYPE_{bare.upper()}")


_hue = _FILE.enum_type.add(name="Hue")
for _number, _name in enumerate(("HUE_UNSPECIFIED", "RED", "GREEN")):
    _hue.value.add(name=_name, number=_number)
_message("Shell", "tag string, mark string?, inner Nut")
_message(
    "Nut",
    "id string, name string, label string?, size int32, count int32?, ripe bool, raw bool?, weight double,"
    "ratio double?, thin float, hue Hue, hues Hue*, words string*, numbers int32*, shares double*,"
    "shell Shell, spare Shell, shells Shell*",
)
_message("NutEdge", "cursor string, node Nut")
_message("Nuts", "edges NutEdge*, total int32, best Nut")

_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_FILE)


def _class(name: str) -> type[Message]:
    return GetMessageClass(_POOL.FindMessageTypeByName(f"forest.{name}"))


SHELL, NUT, EDGE, NUTS = _class("Shell"), _class("Nut"), _class("NutEdge"), _class("Nuts")


@bind_enum(
    cast("Any", SimpleNamespace(DESCRIPTOR=_POOL.FindEnumTypeByName("forest.Hue"))), description="Bound."
)
class Hue(enum.Enum):
    """Bound to forest.Hue."""

    RED = 1
    GREEN = 2


class Denied(BasePermission):
    """Refuses sources that are not ripe."""

    message = "not for you"

    def has_permission(self, source: Any, info: strawberry.Info, **_: Any) -> bool:  # noqa: ARG002 - strawberry's own
        return bool(source.ripe)


@bind(SHELL, description="Bound.")
class Shell:
    """Bound to forest.Shell."""

    tag: Stamp
    mark: Stamp | None
    inner: Nut | None


async def _slow(root: strawberry.Parent[Any]) -> str:
    if not root.name:
        raise ValueError("no name")
    return f"slow {root.name}"


def _twice(root: strawberry.Parent[Any], by: int = 2) -> int:
    return int(root.size) * by


@strawberry.interface
class Kernel:
    """The interface of Nut."""

    id: strawberry.ID
    name: str


@bind(NUT, key="id", description="Bound.")
class Nut(Kernel):
    """Bound to forest.Nut."""

    label: str | None
    size: int
    count: int | None
    ripe: bool
    raw: bool | None
    weight: float
    ratio: float | None
    thin: float
    hue: Hue | None
    hues: list[Hue]
    words: list[Stamp]
    numbers: list[int]
    shares: list[float]
    shell: Shell
    spare: Shell | None
    shells: list[Shell]
    slow: str | None = strawberry.field(resolver=_slow)
    strict: str = strawberry.field(resolver=_slow)
    twice: int = strawberry.field(resolver=_twice)
    secret: str | None = strawberry.field(resolver=_slow, permission_classes=[Denied])


@bind(EDGE, description="Bound.")
class NutEdge:
    """Bound to forest.NutEdge."""

    cursor: str
    node: Nut


@strawberry.type
class NutConnection:
    """Passes on the list of an answer unchanged."""

    edges: list[NutEdge]
    total: int
    kernels: list[Kernel]


@strawberry.type
class Query:
    """Reads the answer, which is the context of the execution."""

    @strawberry.field
    async def nuts(self, info: strawberry.Info[Any, None]) -> NutConnection | None:
        answer = info.context
        best = [answer.best] if answer.HasField("best") else []
        return NutConnection(edges=answer.edges, total=answer.total, kernels=best)

    @strawberry.field
    async def edges(self, info: strawberry.Info[Any, None]) -> list[NutEdge | None] | None:
        return cast("list[NutEdge | None]", info.context.edges)


CONFIG = StrawberryConfig(default_resolver=read_field, scalar_map=STAMPS)
TYPES = [Nut]
RESOLVED = ("slow", "strict", "twice", "secret")
ARGUMENTS = {"twice": "(by: 3)"}

_TEXTS = ("", "chêne", 'a "quoted" one', "tab\tline\n\x00\x1f\x7f", "\\ / \u2028 \U0001f330", "x" * 70)
_INTS = (0, 1, -1, 7, 2**31 - 1, -(2**31))
_FLOATS = (0.0, -0.0, 1.0, 0.1, 12.34, -3.5e-7, 1e16, 1e22, 5e-324, 1.7976931348623157e308, 123456789.125)
_NOT_FINITE = (float("nan"), float("inf"), float("-inf"))


class Answers:
    """Generates the bytes of one answer for a seed. One seed in three may give wrong answers."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._may_be_wrong = seed % 3 == 0

    def data(self) -> bytes:
        answer = cast("Any", NUTS)(total=self._rng.choice(_INTS))
        for _ in range(self._rng.randrange(5)):
            answer.edges.add(cursor=self._text(), node=None if self._rarely() else self._nut(2))
        if self._rng.random() < 0.5:
            answer.best.CopyFrom(self._nut(1))
        return self._damage(answer.SerializeToString())

    def _nut(self, depth: int) -> Message:
        rng, some = self._rng, self._some
        nut = cast("Any", NUT)(
            id=self._text(), name=self._text(), size=rng.choice(_INTS), ripe=rng.random() < 0.5,
            weight=self._float(), thin=rng.choice((0.5, 0.1, 3.0)), hue=rng.choice((0, 1, 2, 9)),
            hues=some(lambda: rng.choice((0, 1, 2, 9))), words=some(self._text),
            numbers=some(lambda: rng.choice(_INTS)), shares=some(self._float),
        )  # fmt: skip
        for name, make in (
            ("label", self._text),
            ("count", lambda: rng.choice(_INTS)),
            ("raw", lambda: rng.random() < 0.5),
            ("ratio", self._float),
        ):
            if rng.random() < 0.6:
                setattr(nut, name, make())
        if not self._rarely():
            nut.shell.CopyFrom(self._shell(depth))
        if rng.random() < 0.5:
            nut.spare.CopyFrom(self._shell(depth))
        nut.shells.extend(some(lambda: self._shell(0)))
        return cast("Message", nut)

    def _shell(self, depth: int) -> Message:
        shell = cast("Any", SHELL)(tag=self._text())
        if self._rng.random() < 0.5:
            shell.mark = self._text()
        if depth and self._rng.random() < 0.5:
            shell.inner.CopyFrom(self._nut(depth - 1))
        return cast("Message", shell)

    def _damage(self, data: bytes) -> bytes:
        if not self._may_be_wrong or self._rng.random() < 0.7 or not data:
            return data
        changed = bytearray(data)
        changed[self._rng.randrange(len(data))] ^= 1 << self._rng.randrange(8)
        return bytes(changed)

    def _rarely(self) -> bool:
        return self._may_be_wrong and self._rng.random() < 0.05

    def _text(self) -> str:
        return self._rng.choice(_TEXTS)

    def _float(self) -> float:
        return self._rng.choice(_NOT_FINITE) if self._rarely() else self._rng.choice(_FLOATS)

    def _some(self, make: Any) -> list[Any]:
        return [make() for _ in range(self._rng.randrange(4))]
