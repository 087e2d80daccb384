"""From a selection to a generated function: the fields that strawberry itself calls basic.

Only a field with no argument, no resolver, no permission and the default resolver is compiled. The
selection below it is collected by graphql-core's own `collect_subfields`, so aliases, merged fields,
fragments and type conditions mean what they mean there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetails

from gateway.execution.classes import KnownClasses, is_plain_list
from gateway.execution.leaves import leaf
from gateway.execution.reading import Reading, reading_of
from gateway.execution.source import Source

Details = list[FieldDetails]
CollectSubfields = Callable[[GraphQLObjectType, Details], CollectedFields]

_LATER = {"defer", "stream"}


class NotCompilable(Exception):
    """The selection holds something that graphql-core must run."""


class Compiler:
    """Writes the functions of one plan."""

    def __init__(self, schema: GraphQLSchema, collect: CollectSubfields, known: KnownClasses) -> None:
        self._schema = schema
        self._collect = collect
        self._known = known
        self._source = Source()

    def plain_fields(
        self, parent: GraphQLObjectType, grouped: dict[str, Details]
    ) -> tuple[Callable[[Any], dict[str, Any]], tuple[str, ...]] | None:
        """A function that completes the basic fields of an object, and the names of the others, for
        which it leaves None in their place; None when there is no basic field.
        """
        reading = reading_of(self._schema, parent)
        if reading is None:
            return None
        values, others = {}, []
        for name, details in grouped.items():
            try:
                values[name] = self._field(parent, reading, details)
            except NotCompilable:
                values[name] = "None"
                others.append(name)
        if len(others) == len(values):
            return None
        name = self._source.function(self._object_lines(reading, values))
        return self._source.compiled(name), tuple(others)

    def whole_list(self, item_type: GraphQLOutputType, details: Details) -> Callable[[Any], list[Any]]:
        """A function that completes a list of objects. Raises NotCompilable."""
        if is_leaf_type(_named(item_type)):
            raise NotCompilable
        value = self._list(GraphQLList(item_type), details, "v")
        return self._source.compiled(self._source.function([f"return {value}"]))

    def _object(self, parent: GraphQLObjectType, details: Details) -> str:
        """The name of a function that completes an object of this type."""
        reading = reading_of(self._schema, parent)
        grouped, later, _ = self._collect(parent, details)
        if reading is None or later:
            raise NotCompilable
        values = {name: self._field(parent, reading, each) for name, each in grouped.items()}
        return self._source.function(self._object_lines(reading, values))

    def _object_lines(self, reading: Reading, values: dict[str, str]) -> list[str]:
        check = reading.check(self._source, self._known)
        pairs = ", ".join(f"{name!r}: {value}" for name, value in values.items())
        return [f"if {check}: fail()", f"return {{{pairs}}}"]

    def _field(self, parent: GraphQLObjectType, reading: Reading, details: Details) -> str:
        node = details[0].node
        if any(
            directive.name.value in _LATER for each in details for directive in each.node.directives or ()
        ):
            raise NotCompilable
        if node.name.value == "__typename":
            return repr(parent.name)
        field = parent.fields.get(node.name.value)
        if field is None or not _is_basic(field) or node.arguments:
            raise NotCompilable
        python_name = field.extensions["strawberry-definition"].python_name
        direct = reading.direct(python_name, field.type, self._source)
        if direct is not None:
            return direct
        return self._value(field.type, details, reading.value(python_name, self._source))

    def _value(self, output_type: GraphQLOutputType, details: Details, value: str) -> str:
        if is_non_null_type(output_type):
            temporary = self._source.temporary()
            inner = self._nullable(output_type.of_type, details, value)
            return f"({temporary} if ({temporary} := {inner}) is not None else fail())"
        return self._nullable(output_type, details, value)

    def _nullable(self, output_type: GraphQLOutputType, details: Details, value: str) -> str:
        if is_leaf_type(output_type):
            return leaf(output_type, value, self._source)
        temporary = self._source.temporary()
        given = f"None if ({temporary} := {value}) is None else "
        if is_list_type(output_type):
            return f"({given}{self._list(output_type, details, temporary)})"
        if is_object_type(output_type):
            return f"({given}{self._object(output_type, details)}({temporary}))"
        if is_abstract_type(output_type):
            return f"({given}{self._dispatch(output_type, details)}[type({temporary})]({temporary}))"
        raise NotCompilable

    def _list(self, output_type: GraphQLList[Any], details: Details, value: str) -> str:
        item_type = output_type.of_type
        is_list = self._source.constant(is_plain_list)
        name = self._source.temporary()
        item = self._value(item_type, details, name)
        return f"([{item} for {name} in {value}] if {is_list}({value}) else fail())"

    def _dispatch(self, abstract: GraphQLAbstractType, details: Details) -> str:
        """A table from the class of a value to what completes it."""
        functions = {}
        for possible in self._schema.get_possible_types(abstract):
            reading = reading_of(self._schema, possible)
            if reading is None or reading.exact_class is None:
                raise NotCompilable
            functions[reading.exact_class] = self._object(possible, details)
        return self._source.table(functions)


def _is_basic(field: GraphQLField) -> bool:
    definition = field.extensions.get("strawberry-definition")
    # strawberry marks the resolver that only reads an attribute, with no permission before it.
    return definition is not None and bool(getattr(field.resolve, "_is_default", False)) and not field.args


def _named(output_type: GraphQLOutputType) -> Any:
    while isinstance(output_type, GraphQLNonNull | GraphQLList):
        output_type = output_type.of_type
    return output_type


def node_ids(details: Iterable[FieldDetails]) -> tuple[int, ...]:
    """What names a selection within one document: its nodes, as the objects that they are."""
    return tuple(id(each.node) for each in details)
