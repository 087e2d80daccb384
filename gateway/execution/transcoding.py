"""Transcoders: plans that write a list of messages as JSON straight from their bytes.

No message and no dict is created. The generated Python completes the list instead when a transcoder can't
hold the selection, when it refuses the bytes, and when the C extension is not built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import orjson
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from graphql import GraphQLObjectType

from gateway.execution import wire
from gateway.execution.accessor import Accessor
from gateway.execution.contract import AccessorOf, ContractField, Kind, contract_field
from gateway.execution.lazy import LazyMessages
from gateway.execution.plans import TRANSCODED, UNUSUAL_BYTES
from gateway.execution.selection import CollectSubfields, Details, NotCompilable, basic_field
from gateway.execution.wire.shape import Shape, shape_of
from gateway.execution.wire.spec import Field, Spec
from gateway.execution.wire.spec import Kind as OutputKind

Transcode = Callable[[Any], orjson.Fragment | None]

_AS_IS = {
    FieldDescriptor.TYPE_STRING: OutputKind.STRING,
    FieldDescriptor.TYPE_BOOL: OutputKind.BOOL,
    FieldDescriptor.TYPE_INT32: OutputKind.INT32,
    FieldDescriptor.TYPE_DOUBLE: OutputKind.DOUBLE,
    FieldDescriptor.TYPE_FLOAT: OutputKind.FLOAT,
}


def transcoder(
    item: GraphQLObjectType, details: Details, accessor_of: AccessorOf, collect: CollectSubfields
) -> Transcode | None:
    """A function that writes LazyMessages of this type as JSON, and returns None for any other value.

    There is none when the selection can't be transcoded, or when the C extension is not built.
    """
    compiled, accessor = wire.load(), accessor_of(item)
    if compiled is None or accessor is None or accessor.message is None:
        return None
    message = accessor.message
    try:
        fields = _Selection(accessor_of, collect).fields(item, accessor, details)
        program = compiled.Program(Spec(fields, _shape(message)))
    except (NotCompilable, ValueError):
        return None
    write, not_as_planned = program.list, compiled.NotAsPlanned

    def transcode(items: Any) -> orjson.Fragment | None:
        if type(items) is not LazyMessages or items.message is not message:
            return None
        try:
            json_bytes = write(items.wire)
        except not_as_planned:
            UNUSUAL_BYTES.inc()
            return None
        TRANSCODED.inc()
        return orjson.Fragment(json_bytes)

    return transcode


def _shape(message: type[Message]) -> Shape:
    return shape_of(cast("Any", message.DESCRIPTOR))


class _Selection:
    """Builds the specs of a selection."""

    def __init__(self, accessor_of: AccessorOf, collect: CollectSubfields) -> None:
        self._accessor_of = accessor_of
        self._collect = collect

    def fields(self, parent: GraphQLObjectType, accessor: Accessor, details: Details) -> tuple[Field, ...]:
        """Raises NotCompilable for a field that is not read from the message."""
        grouped, later, _ = self._collect(parent, details)
        if later:
            raise NotCompilable(parent.name, "later")
        return tuple(self._field(parent, accessor, key, each) for key, each in grouped.items())

    def _field(self, parent: GraphQLObjectType, accessor: Accessor, key: str, details: Details) -> Field:
        field = basic_field(parent, details)
        if field is None:
            return Field(OutputKind.CONSTANT, key, text=orjson.dumps(parent.name).decode())
        name = field.extensions["strawberry-definition"].python_name
        contracted = contract_field(accessor, name, field.type, self._accessor_of)
        if contracted is None:
            raise NotCompilable(f"{parent.name}.{name}", "type")
        return self._output_field(accessor, key, contracted, details)

    def _output_field(self, parent: Accessor, key: str, field: ContractField, details: Details) -> Field:
        number = field.descriptor.number
        if field.kind is Kind.GLOBAL_ID:
            return Field(OutputKind.GLOBAL_ID, key, number, text=parent.prefix)
        kind, names, below = _AS_IS.get(field.descriptor.type), {}, None
        if field.kind is Kind.ENUM:
            kind, names = OutputKind.ENUM, field.enum_names
        elif field.kind is Kind.OBJECT and field.accessor is not None:
            kind, below = OutputKind.OBJECT, Spec(self.fields(field.graphql_type, field.accessor, details))
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
