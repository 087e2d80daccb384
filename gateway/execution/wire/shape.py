"""The shape of a message type: every field that it may have, selected or not.

With it, a program refuses all bytes that protobuf would refuse, even in fields that are not selected.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from google.protobuf.descriptor import Descriptor, FieldDescriptor

if TYPE_CHECKING:
    # The descriptor classes of message classes when protobuf uses upb; they have stubs of their own.
    from google._upb._message import Descriptor as CompiledDescriptor
    from google._upb._message import FieldDescriptor as CompiledFieldDescriptor

_PROTO3_TYPES = {number for number in range(1, 19) if number != FieldDescriptor.TYPE_GROUP}


@dataclass(frozen=True)
class Slot:
    """One field of a message type."""

    number: int
    type: int
    """A constant such as FieldDescriptor.TYPE_STRING."""
    repeated: bool = False
    oneof: str = ""
    """The name of its oneof; empty without one, and for a oneof of one field."""
    message: Shape | None = None


@dataclass(eq=False)
class Shape:
    """The fields of a message type, by number. It may be recursive."""

    slots: dict[int, Slot] = field(default_factory=dict)


def shape_of(descriptor: Descriptor | CompiledDescriptor) -> Shape:
    """The shape of a message type and of its fields' types.

    Raises ValueError for what the programs don't read: maps, groups, extensions, required fields, and the
    closed enums of proto2.
    """
    return _shape_of(descriptor, {})


def _shape_of(descriptor: Descriptor | CompiledDescriptor, shapes: dict[str, Shape]) -> Shape:
    shape = shapes.get(descriptor.full_name)
    if shape is None:
        shape = shapes[descriptor.full_name] = Shape()
        if descriptor.is_extendable:
            raise ValueError(f"{descriptor.full_name} may be extended")
        for each in descriptor.fields:
            shape.slots[each.number] = _slot(each, shapes)
    return shape


def _slot(descriptor: FieldDescriptor | CompiledFieldDescriptor, shapes: dict[str, Shape]) -> Slot:
    message, enum, oneof = descriptor.message_type, descriptor.enum_type, descriptor.containing_oneof
    is_map = message is not None and message.GetOptions().map_entry
    is_closed = enum is not None and enum.is_closed
    if descriptor.type not in _PROTO3_TYPES or is_map or is_closed or descriptor.is_required:
        raise ValueError(f"{descriptor.full_name} is not read here")
    return Slot(
        number=descriptor.number,
        type=descriptor.type,
        repeated=descriptor.is_repeated,
        oneof=oneof.name if oneof is not None and len(oneof.fields) > 1 else "",
        message=None if message is None else _shape_of(message, shapes),
    )
