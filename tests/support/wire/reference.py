"""The reference for programs: reads a message with protobuf, and writes its fields with orjson."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import orjson
from google.protobuf.message import DecodeError, Message

from gateway.execution.binding import global_id_of
from gateway.execution.wire.spec import Field, Kind, Spec


class Refused(Exception):
    """The message can't be decoded, or has a value that a program must refuse."""


def one_object(program: Any) -> Callable[[bytes], bytes]:
    """A function that gives the bytes that the program writes for one message."""

    def write(data: bytes) -> bytes:
        listed: bytes = program.list([data])
        return listed[1:-1]

    return write


def reference(cls: type[Message], spec: Spec) -> Callable[[bytes], bytes]:
    """A function that gives the bytes that a program of this spec must write for one message.

    It raises Refused.
    """

    def answer(data: bytes) -> bytes:
        try:
            message = cls.FromString(data)
        except DecodeError as error:
            raise Refused from error
        return orjson.dumps(_object(spec, message))

    return answer


def _object(spec: Spec, message: Message) -> dict[str, Any]:
    return {field.key: _required(field, _value(field, message)) for field in spec.fields}


def _required(field: Field, value: Any) -> Any:
    if value is None and field.required:
        raise Refused
    return value


def _value(field: Field, message: Message) -> Any:
    if not field.number:
        return orjson.Fragment(field.text)
    descriptor = message.DESCRIPTOR.fields_by_number[field.number]
    value = getattr(message, descriptor.name)
    if descriptor.is_repeated:
        return [item for each in value if (item := _item(field, each)) is not None]
    always = field.kind in (Kind.ENUM, Kind.GLOBAL_ID) or not descriptor.has_presence
    return _item(field, value) if always or message.HasField(descriptor.name) else None


def _item(field: Field, value: Any) -> Any:
    if field.object is not None:
        return _object(field.object, value)
    if field.kind is Kind.ENUM:
        return field.names.get(value)
    if field.kind is Kind.GLOBAL_ID:
        return global_id_of(field.text, value)
    if field.kind is Kind.INT32 and not -(2**31) <= value < 2**31:
        raise Refused
    if field.kind in (Kind.DOUBLE, Kind.FLOAT) and not is_plain(value):
        raise Refused
    return value


def is_plain(value: float) -> bool:
    """Whether programs write this double. They refuse those that need an exponent, infinities and NaN."""
    return value == 0 or (math.isfinite(value) and 1e-4 <= abs(value) < 1e16)
