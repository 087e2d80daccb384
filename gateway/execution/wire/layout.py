"""Converts a spec to the tables that the C extension loads, and checks it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, cast

import orjson

from gateway.execution.wire.shape import Shape, Slot

if TYPE_CHECKING:
    from gateway.execution.wire.spec import Field, Spec

MAX_DEPTH = 32

SlotRow = tuple[int, int, bool, int, int, int]
"""Number, type, repeated; then the index, or -1, of its value, of its oneof, and of its message."""
Names = tuple[tuple[int, bytes], ...]
OutputRow = tuple[int, bool, bool, int, int, bytes, bytes, bytes, Names]
"""Kind, presence, required; the index, or -1, of its slot and of its object; key, text, head, names."""
MessageRow = tuple[int, tuple[SlotRow, ...], tuple[OutputRow, ...]]
"""The number of values that a scan of the message captures, its slots, and its output fields."""
Layout = tuple[MessageRow, ...]


def layout_of(spec: Spec) -> Layout:
    """The tables of a spec. The first message is the root, and an output object comes after its parent.

    Raises ValueError.
    """
    if spec.shape is None:
        raise ValueError("a spec needs the shape of its message")
    tables = _Tables()
    tables.add_selected(spec, spec.shape, depth=0)
    return tables.layout()


class _Tables:
    """The message rows, numbered in the order of their visit."""

    def __init__(self) -> None:
        self._rows: list[MessageRow | None] = []
        self._unselected: dict[int, int] = {}

    def layout(self) -> Layout:
        return cast("Layout", tuple(self._rows))

    def add_selected(self, spec: Spec, shape: Shape, depth: int) -> int:
        """Add a message with the fields of the spec as output, and return its index."""
        if depth > MAX_DEPTH:
            raise ValueError(f"a spec is more than {MAX_DEPTH} deep")
        index = self._reserve_row()
        for field in spec.fields:
            _check(field, shape)
        value_indexes = _value_indexes(spec, shape)
        numbers = sorted(shape.slots)
        slots = tuple(self._slot(shape.slots[number], value_indexes) for number in numbers)
        outputs = tuple(
            self._output(field, shape, numbers, depth, first=position == 0)
            for position, field in enumerate(spec.fields)
        )
        self._rows[index] = (len(value_indexes), slots, outputs)
        return index

    def _add_unselected(self, shape: Shape) -> int:
        """Add a message that is only checked, once, and return its index."""
        index = self._unselected.get(id(shape))
        if index is None:
            index = self._unselected[id(shape)] = self._reserve_row()
            slots = tuple(self._slot(shape.slots[number], {}) for number in sorted(shape.slots))
            self._rows[index] = (0, slots, ())
        return index

    def _reserve_row(self) -> int:
        self._rows.append(None)
        return len(self._rows) - 1

    def _slot(self, slot: Slot, value_indexes: dict[int | str, int]) -> SlotRow:
        message = -1 if slot.message is None else self._add_unselected(slot.message)
        oneof = value_indexes.get(slot.oneof, -1) if slot.oneof else -1
        return slot.number, slot.type, slot.repeated, value_indexes.get(slot.number, -1), oneof, message

    def _output(
        self, field: Field, shape: Shape, numbers: list[int], depth: int, *, first: bool
    ) -> OutputRow:
        key = (b"" if first else b",") + orjson.dumps(field.key) + b":"
        below = shape.slots[field.number].message if field.object else None
        message = self.add_selected(field.object, below, depth + 1) if field.object and below else -1
        slot = numbers.index(field.number) if field.number else -1
        text, head = _constant_texts(field)
        names = tuple((number, orjson.dumps(name)) for number, name in sorted(field.names.items()))
        # A message field has presence even without `optional`:
        # https://protobuf.dev/programming-guides/field_presence/
        presence = field.presence or field.object is not None
        return int(field.kind), presence, field.required, slot, message, key, text, head, names


def _value_indexes(spec: Spec, shape: Shape) -> dict[int | str, int]:
    """The capture index of each output field, by number, and of each of their oneofs, by name."""
    slots = [
        shape.slots[number] for number in sorted({field.number for field in spec.fields if field.number})
    ]
    names: list[int | str] = [slot.number for slot in slots]
    names.extend(sorted({slot.oneof for slot in slots if slot.oneof}))
    return {name: index for index, name in enumerate(names)}


def _check(field: Field, shape: Shape) -> None:
    """Raise ValueError for a mistake that the C extension can't detect."""
    kind, key = field.kind.name, field.key
    if kind == "CONSTANT":
        if field.number:
            raise ValueError(f"{key}: a constant is of no field")
        return
    slot = shape.slots.get(field.number)
    if slot is None or slot.repeated != field.repeated:
        raise ValueError(f"{key}: no field {field.number}, or repeated on one side only")
    if (kind == "OBJECT") != (field.object is not None):
        raise ValueError(f"{key}: an object is of the kind OBJECT")
    if 0 in field.names:
        raise ValueError(f"{key}: the number 0 of an enum is no value")


def _constant_texts(field: Field) -> tuple[bytes, bytes]:
    """The constant text of a field, and its head.

    For a global id, the text is the base64 of the prefix up to the last whole group of 3 bytes, and the head
    is the rest of the prefix (0 to 2 bytes), to be encoded together with the key.
    """
    if field.kind.name == "CONSTANT":
        # Raises ValueError for invalid JSON, which would corrupt the answer.
        orjson.loads(field.text)
        return field.text.encode(), b""
    prefix = field.text.encode()
    whole = len(prefix) // 3 * 3
    return base64.b64encode(prefix[:whole]), prefix[whole:]
