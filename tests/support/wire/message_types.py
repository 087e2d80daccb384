"""Message types with every kind of field, for tests."""

from __future__ import annotations

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

_Field = descriptor_pb2.FieldDescriptorProto

_SCALARS = {
    "double": 1,
    "float": 2,
    "int64": 3,
    "uint64": 4,
    "int32": 5,
    "fixed64": 6,
    "fixed32": 7,
    "bool": 8,
    "string": 9,
    "bytes": 12,
    "uint32": 13,
    "sfixed32": 15,
    "sfixed64": 16,
    "sint32": 17,
    "sint64": 18,
}


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="made_here.proto", package="made.here", syntax="proto3")
    colour = file.enum_type.add(name="Colour")
    for number, name in enumerate(["NONE", "RED", "GREEN"]):
        colour.value.add(name=f"COLOUR_{name}", number=number)
    colour.value.add(name="COLOUR_COLD", number=-7)
    _everything(file.message_type.add(name="Everything"))
    _choice(file.message_type.add(name="Choice"))
    _wide(file.message_type.add(name="Wide"))
    return file


def _everything(message: descriptor_pb2.DescriptorProto) -> None:
    """Add each scalar as plain, optional, packed and unpacked field, and messages of two types."""
    number = 0
    for name, scalar in {**_SCALARS, "colour": _Field.TYPE_ENUM}.items():
        for form in ("plain", "optional", "repeated", "unpacked"):
            number += 1
            field = message.field.add(name=f"{form}_{name}", number=number, type=scalar)
            field.label = _Field.LABEL_REPEATED if form in ("repeated", "unpacked") else _Field.LABEL_OPTIONAL
            if scalar == _Field.TYPE_ENUM:
                field.type_name = ".made.here.Colour"
            if form == "unpacked":
                field.options.packed = False
            if form == "optional":
                field.proto3_optional = True
                field.oneof_index = len(message.oneof_decl)
                message.oneof_decl.add(name=f"_{field.name}")
    for name, type_name in {"itself": "Everything", "choice": "Choice"}.items():
        for label in (_Field.LABEL_OPTIONAL, _Field.LABEL_REPEATED):
            number += 1
            message.field.add(
                name=f"{name}_{label}",
                number=number,
                type=_Field.TYPE_MESSAGE,
                type_name=f".made.here.{type_name}",
                label=label,
            )


def _choice(message: descriptor_pb2.DescriptorProto) -> None:
    """Add a oneof and a plain field, with field numbers far apart."""
    message.oneof_decl.add(name="one")
    message.field.add(name="text", number=1, type=_Field.TYPE_STRING, oneof_index=0)
    message.field.add(name="size", number=70, type=_Field.TYPE_INT32, oneof_index=0)
    message.field.add(
        name="deep",
        number=2**29 - 1,
        type=_Field.TYPE_MESSAGE,
        type_name=".made.here.Choice",
        oneof_index=0,
    )
    message.field.add(name="beside", number=18_000, type=_Field.TYPE_STRING)
    for field in message.field:
        field.label = _Field.LABEL_OPTIONAL


def _wide(message: descriptor_pb2.DescriptorProto) -> None:
    """Add many fields with gaps between their numbers."""
    for number in range(1, 200, 3):
        message.field.add(
            name=f"f{number}",
            number=number,
            type=_Field.TYPE_STRING if number % 2 else _Field.TYPE_SINT64,
            label=_Field.LABEL_REPEATED if number % 5 == 0 else _Field.LABEL_OPTIONAL,
        )


def _classes() -> dict[str, type[Message]]:
    pool = descriptor_pool.DescriptorPool()
    pool.Add(_file())
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"made.here.{name}"))
        for name in ("Everything", "Choice", "Wide")
    }


_made = _classes()
Everything = _made["Everything"]
Choice = _made["Choice"]
Wide = _made["Wide"]
