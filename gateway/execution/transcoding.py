"""Plans that write a list of messages as JSON from their bytes, without making a message or a dict.

They go before the generated Python, which stays behind them: a selection that they can't hold, bytes that
are unusual in any way, and a machine without the compiled part are its business.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import orjson
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from graphql import GraphQLObjectType

from gateway.execution import wire
from gateway.execution.contract import ContractField, Kind, ReadingOf, contract_field
from gateway.execution.lazy import LazyMessages
from gateway.execution.plans import TRANSCODED, UNUSUAL_BYTES
from gateway.execution.reading import Reading
from gateway.execution.selection import CollectSubfields, Details, NotCompilable, basic_field
from gateway.execution.wire.shape import Shape, shape_of
from gateway.execution.wire.spec import Field, Spec
from gateway.execution.wire.spec import Kind as Written

Transcode = Callable[[Any], orjson.Fragment | None]

_AS_IS = {
    FieldDescriptor.TYPE_STRING: Written.STRING,
    FieldDescriptor.TYPE_BOOL: Written.BOOL,
    FieldDescriptor.TYPE_INT32: Written.INT32,
    FieldDescriptor.TYPE_DOUBLE: Written.DOUBLE,
    FieldDescriptor.TYPE_FLOAT: Written.FLOAT,
}


def transcoder(
    item: GraphQLObjectType, details: Details, reading_of: ReadingOf, collect: CollectSubfields
) -> Transcode | None:
    """A function that writes a LazyMessages of this type, and gives None for any other value; None where
    the selection or the machine does not allow it.
    """
    compiled, reading = wire.load(), reading_of(item)
    if compiled is None or reading is None or reading.message is None:
        return None
    message = reading.message
    try:
        fields = _Selection(reading_of, collect).fields(item, reading, details)
        program = compiled.Program(Spec(fields, _shape(message)))
    except (NotCompilable, ValueError):
        return None
    write, unusual = program.list, compiled.NotAsPlanned

    def transcode(items: Any) -> orjson.Fragment | None:
        if type(items) is not LazyMessages or items.message is not message:
            return None
        try:
            written = write(items.wire)
        except unusual:
            UNUSUAL_BYTES.inc()
            return None
        TRANSCODED.inc()
        return orjson.Fragment(written)

    return transcode


def _shape(message: type[Message]) -> Shape:
    return shape_of(cast("Any", message.DESCRIPTOR))


class _Selection:
    """Specs of what a query selects."""

    def __init__(self, reading_of: ReadingOf, collect: CollectSubfields) -> None:
        self._reading_of = reading_of
        self._collect = collect

    def fields(self, parent: GraphQLObjectType, reading: Reading, details: Details) -> tuple[Field, ...]:
        """Raises NotCompilable for a field that is not of the message."""
        grouped, later, _ = self._collect(parent, details)
        if later:
            raise NotCompilable(parent.name, "later")
        return tuple(self._field(parent, reading, key, each) for key, each in grouped.items())

    def _field(self, parent: GraphQLObjectType, reading: Reading, key: str, details: Details) -> Field:
        field = basic_field(parent, details)
        if field is None:
            return Field(Written.CONSTANT, key, text=orjson.dumps(parent.name).decode())
        name = field.extensions["strawberry-definition"].python_name
        promised = contract_field(reading, name, field.type, self._reading_of)
        if promised is None:
            raise NotCompilable(f"{parent.name}.{name}", "type")
        return self._promised(reading, key, promised, details)

    def _promised(self, parent: Reading, key: str, field: ContractField, details: Details) -> Field:
        number = field.descriptor.number
        if field.kind is Kind.GLOBAL_ID:
            return Field(Written.GLOBAL_ID, key, number, text=parent.prefix)
        kind, names, below = _AS_IS.get(field.descriptor.type), {}, None
        if field.kind is Kind.ENUM:
            kind, names = Written.ENUM, field.enum_names
        elif field.kind is Kind.OBJECT and field.reading is not None:
            kind, below = Written.OBJECT, Spec(self.fields(field.graphql_type, field.reading, details))
        if kind is None:
            raise NotCompilable(field.name, "type")
        return Field(
            kind,
            key,
            number,
            repeated=field.repeated,
            presence=field.may_be_absent,
            required=not field.nullable and not field.repeated,
            names=names,
            object=below,
        )
