"""Generates random messages and specs of any type. The same state of the generator gives the same ones."""

from __future__ import annotations

import struct
from random import Random
from typing import TYPE_CHECKING, Any, cast

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway.execution.wire.shape import shape_of
from gateway.execution.wire.spec import Field, Kind, Spec

if TYPE_CHECKING:
    # The descriptor type of compiled message classes, which the stubs distinguish from `Descriptor`.
    from google._upb._message import Descriptor as CompiledDescriptor

MAX_DEPTH = 4

_KINDS = {
    FieldDescriptor.TYPE_STRING: Kind.STRING,
    FieldDescriptor.TYPE_BOOL: Kind.BOOL,
    FieldDescriptor.TYPE_ENUM: Kind.ENUM,
    FieldDescriptor.TYPE_DOUBLE: Kind.DOUBLE,
    FieldDescriptor.TYPE_FLOAT: Kind.FLOAT,
    FieldDescriptor.TYPE_MESSAGE: Kind.OBJECT,
}
_NOT_SELECTED = {FieldDescriptor.TYPE_BYTES}

_CHARACTERS: list[str] = ['"', "\\", *"\n\0\x1f\x7fé’€😀\u2028\ue000aZ "]
_BITS = {
    FieldDescriptor.CPPTYPE_INT32: (32, True),
    FieldDescriptor.CPPTYPE_UINT32: (32, False),
    FieldDescriptor.CPPTYPE_INT64: (64, True),
    FieldDescriptor.CPPTYPE_UINT64: (64, False),
}


def fields_of(descriptor: Descriptor | CompiledDescriptor) -> list[FieldDescriptor]:
    return cast("list[FieldDescriptor]", list(descriptor.fields))


def random_message(rng: Random, cls: type[Message], depth: int = 0) -> Message:
    """A message with some of its fields set."""
    message = cls()
    share = rng.choice([0.1, 0.5, 0.9])
    for field in fields_of(cls.DESCRIPTOR):
        if rng.random() < share:
            _fill(rng, message, field, depth)
    return message


def _fill(rng: Random, message: Message, field: FieldDescriptor, depth: int) -> None:
    count = rng.choice([0, 1, 1, 2, 5]) if field.is_repeated else 1
    for _ in range(count):
        if field.message_type is not None:
            if depth < MAX_DEPTH:
                below = getattr(message, field.name)
                made = random_message(rng, GetMessageClass(field.message_type), depth + 1)
                (below.add() if field.is_repeated else below).CopyFrom(made)
        elif field.is_repeated:
            getattr(message, field.name).append(random_value(rng, field))
        else:
            setattr(message, field.name, random_value(rng, field))


def random_value(rng: Random, field: FieldDescriptor) -> Any:
    """A value of a scalar field, often at a limit of its type."""
    if field.enum_type is not None:
        return rng.choice([*(value.number for value in field.enum_type.values), 99, -1])
    if field.type == FieldDescriptor.TYPE_STRING:
        return random_text(rng)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return rng.randbytes(rng.randrange(6))
    if field.type == FieldDescriptor.TYPE_BOOL:
        return rng.random() < 0.5
    if field.type in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT):
        value = random_double(rng)
        return value if field.type == FieldDescriptor.TYPE_DOUBLE else _as_float(value)
    bits, signed = _BITS[field.cpp_type]
    lowest, highest = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    near = rng.choice([0, 0, 0, lowest, highest, 2**31 - 1, -(2**31)]) + rng.randint(-100, 100)
    return min(max(near, lowest), highest)


def random_text(rng: Random) -> str:
    length = rng.choice([0, 1, 7, 14, 16, 17, 40])
    if rng.random() < 0.1:
        return rng.choice(_CHARACTERS) * (5 * length)
    plain = rng.choice([0.0, 0.1, 0.9])
    return "".join("x" if rng.random() < plain else rng.choice(_CHARACTERS) for _ in range(length))


def random_double(rng: Random) -> float:
    if rng.random() < 0.05:
        return rng.choice([float("nan"), float("inf"), 5e-324, 1e16, 1e-4, -0.0, 9.99e-5, 1e300])
    if rng.random() < 0.2:
        return rng.uniform(-1, 1) * 10.0 ** rng.randint(-3, 15)
    return round(rng.uniform(-1000, 1000), rng.randint(0, 8))


def _as_float(value: float) -> float:
    try:
        single: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return 0.0
    return single


def random_spec(rng: Random, descriptor: Descriptor | CompiledDescriptor, depth: int = 0) -> Spec:
    """A spec of some fields of the type, in any order, some of them twice."""
    wanted = [field for field in fields_of(descriptor) if field.type not in _NOT_SELECTED]
    chosen = [field for field in wanted if rng.random() < rng.choice([0.2, 0.8])]
    chosen += rng.choices(wanted, k=rng.randrange(3))
    rng.shuffle(chosen)
    fields = [
        made
        for position, field in enumerate(chosen)
        if (made := _random_field(rng, field, f"{field.name} {position}", depth))
    ]
    if rng.random() < 0.5:
        fields.insert(rng.randint(0, len(fields)), Field(Kind.CONSTANT, "__typename", text='"Née"'))
    return Spec(tuple(fields), shape_of(descriptor) if depth == 0 else None)


def _random_field(rng: Random, field: FieldDescriptor, key: str, depth: int) -> Field | None:
    kind = _KINDS.get(field.type, Kind.INT32)
    if kind is Kind.OBJECT and depth >= MAX_DEPTH - rng.randrange(MAX_DEPTH):
        return None
    if kind is Kind.STRING and not field.is_repeated and rng.random() < 0.2:
        return Field(Kind.GLOBAL_ID, key, field.number, text=rng.choice(["", "A", "Né", "Ruche:"]))
    return Field(
        kind,
        key + rng.choice(["", '"', "é"]),
        field.number,
        repeated=field.is_repeated,
        presence=field.has_presence,
        required=rng.random() < 0.02,
        names=_random_names(field.enum_type) if field.enum_type else {},
        object=random_spec(rng, field.message_type, depth + 1) if field.message_type else None,
    )


def _random_names(enum: EnumDescriptor) -> dict[int, str]:
    return {value.number: value.name for value in enum.values if value.number}
