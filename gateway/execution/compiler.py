"""From a selection to a generated function: the fields that strawberry itself calls basic.

Only a field with no argument, no resolver, no permission and the default resolver is compiled. The
selection below it is collected by graphql-core's own `collect_subfields`, so aliases, merged fields,
fragments and type conditions mean what they mean there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from gateway.execution.classes import KnownClasses, is_plain_list
from gateway.execution.contract import ContractField, contract_field
from gateway.execution.gaps import Below, Gaps
from gateway.execution.leaves import leaf
from gateway.execution.messages import MessageFields
from gateway.execution.plans import ListPlan, ObjectPlan, count_fallback
from gateway.execution.reading import Reading, reading_of
from gateway.execution.selection import (
    CollectSubfields,
    Details,
    NotCompilable,
    basic_field,
    comes_later,
    named_type,
    response_name,
)
from gateway.execution.source import Source
from gateway.execution.transcoding import transcoder


class Compiler:
    """Writes the functions of one plan."""

    def __init__(self, schema: GraphQLSchema, collect: CollectSubfields, known: KnownClasses) -> None:
        self._schema = schema
        self._collect = collect
        self._known = known
        self._source = Source()
        self._is_list = self._source.constant(is_plain_list)
        self._messages = MessageFields(self._source, self._promised)

    def plain_fields(self, parent: GraphQLObjectType, grouped: dict[str, Details]) -> ObjectPlan | None:
        """A function that completes the basic fields of an object, and its gaps if it has any, in whose
        places it leaves None; None when there is no basic field.
        """
        reading = self._reading(parent)
        if reading is None:
            return None
        gaps = Gaps(parent, may_fail=True)
        try:
            with _not_too_deep(parent.name):
                values = self._fields(parent, reading, grouped, "v", gaps)
                name = self._source.function([self._check(reading), f"return {_written(values)}"])
                complete = self._source.compiled(name)
        except NotCompilable as reason:
            count_fallback(reason)
            return None
        return None if _is_empty(values, gaps) else (complete, gaps if gaps.fields else None)

    def whole_list(self, item_type: GraphQLOutputType, details: Details) -> ListPlan:
        """A function that completes a list of objects, and their gaps if they have any. Raises
        NotCompilable.
        """
        if is_leaf_type(named_type(item_type)):
            raise NotCompilable(str(item_type), "type")
        if comes_later(details):
            raise NotCompilable(details[0].node.name.value, "later")
        item, gaps = get_nullable_type(item_type), None
        if is_object_type(item):
            gaps = Gaps(item, may_fail=item is not item_type)
        with _not_too_deep(str(item_type)):
            value = self._list(GraphQLList(item_type), details, "v", gaps)
            complete = self._source.compiled(self._source.function([f"return {value}"]))
        return complete, gaps if gaps is not None and gaps.fields else None

    def _object(self, parent: GraphQLObjectType, details: Details) -> str:
        """The name of a function that completes an object of this type."""
        reading = self._reading(parent)
        if reading is None:
            raise NotCompilable(parent.name, "type")
        return self._source.function(
            [self._check(reading), f"return {self._members(parent, reading, details, 'v')}"]
        )

    def _reading(self, graphql_type: GraphQLObjectType) -> Reading | None:
        return reading_of(self._schema, graphql_type)

    def _check(self, reading: Reading) -> str:
        return f"if {reading.check(self._source, self._known)}: fail()"

    def _members(
        self,
        parent: GraphQLObjectType,
        reading: Reading,
        details: Details,
        base: str,
        gaps: Gaps | None = None,
    ) -> str:
        """An expression for the completed object that the variable `base` holds. Where there are no `gaps`
        to note what can't be compiled, it raises NotCompilable.
        """
        grouped, later, _ = self._collect(parent, details)
        if later:
            raise NotCompilable(parent.name, "later")
        values = self._fields(parent, reading, grouped, base, gaps)
        if gaps is not None and _is_empty(values, gaps):
            raise NotCompilable(parent.name, "resolver")
        return _written(values)

    def _fields(
        self,
        parent: GraphQLObjectType,
        reading: Reading,
        grouped: dict[str, Details],
        base: str,
        gaps: Gaps | None,
    ) -> dict[str, str]:
        values = {}
        for name, details in grouped.items():
            try:
                values[name] = self._field(parent, reading, details, base, gaps)
            except NotCompilable as reason:
                field = parent.fields.get(details[0].node.name.value)
                if gaps is None or not gaps.takes(field and field.type):
                    raise
                count_fallback(reason)
                gaps.fields[name] = details
                values[name] = "None"
        return values

    def _promised(self, field: ContractField, details: Details, base: str, gaps: Gaps | None) -> str:
        if field.reading is None:
            raise NotCompilable(field.name, "type")
        if gaps is None:
            return self._members(field.graphql_type, field.reading, details, base)
        below = gaps.inside(field.graphql_type, nullable=field.nullable)
        members = self._members(field.graphql_type, field.reading, details, base, below)
        if below.fields:
            gaps.fields[response_name(details)] = Below(below, attrgetter(field.name))
        return members

    def _field(
        self,
        parent: GraphQLObjectType,
        reading: Reading,
        details: Details,
        base: str,
        gaps: Gaps | None,
    ) -> str:
        field = basic_field(parent, details)
        if field is None:
            return repr(parent.name)
        name = field.extensions["strawberry-definition"].python_name
        promised = contract_field(reading, name, field.type, self._reading)
        known = self._messages.value(reading, promised, details, base, gaps) if promised else None
        if known is not None:
            return known
        return self._value(field.type, details, reading.value(name, base, self._source))

    def _value(self, output_type: GraphQLOutputType, details: Details, value: str) -> str:
        if is_non_null_type(output_type):
            if is_object_type(output_type.of_type):
                # The function refuses whatever is not of its class, None included.
                return f"{self._object(output_type.of_type, details)}({value})"
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
        raise NotCompilable(str(output_type), "type")

    def _list(
        self, output_type: GraphQLList[Any], details: Details, value: str, gaps: Gaps | None = None
    ) -> str:
        item_type = get_nullable_type(output_type.of_type)
        if is_object_type(item_type):
            nullable = item_type is output_type.of_type
            return self._objects(item_type, details, value, gaps, nullable=nullable)
        name = self._source.temporary()
        item = self._value(output_type.of_type, details, name)
        return f"([{item} for {name} in {value}] if {self._is_list}({value}) else fail())"

    def _objects(
        self,
        item_type: GraphQLObjectType,
        details: Details,
        value: str,
        gaps: Gaps | None,
        *,
        nullable: bool,
    ) -> str:
        reading = self._reading(item_type)
        if reading is None:
            raise NotCompilable(item_type.name, "type")
        lines = ["if v is None:", "    add(None)", "    continue"] if nullable else []
        lines.append(self._check(reading))
        function = self._source.loop(lines, self._members(item_type, reading, details, "v", gaps))
        completed = f"({function}({value}) if {self._is_list}({value}) else fail())"
        transcode = transcoder(item_type, details, self._reading, self._collect)
        if transcode is None:
            return completed
        written = self._source.temporary()
        transcoded = f"{self._source.constant(transcode)}({value})"
        return f"({written} if ({written} := {transcoded}) is not None else {completed})"

    def _dispatch(self, abstract: GraphQLAbstractType, details: Details) -> str:
        """A table from the class of a value to what completes it."""
        functions = {}
        for possible in self._schema.get_possible_types(abstract):
            reading = self._reading(possible)
            if reading is None or reading.exact_class is None:
                raise NotCompilable(possible.name, "type")
            functions[reading.exact_class] = self._object(possible, details)
        return self._source.table(functions)


@contextmanager
def _not_too_deep(name: str) -> Iterator[None]:
    """Depth is limited before; those who raise that limit still have their answer."""
    try:
        yield
    except (RecursionError, MemoryError) as error:
        raise NotCompilable(name, "depth") from error
    except SyntaxError as error:
        if "nested" not in str(error):
            raise
        raise NotCompilable(name, "depth") from error


def _is_empty(values: dict[str, str], gaps: Gaps) -> bool:
    """Whether nothing is left of an object but its gaps."""
    return all(name in gaps.fields and not isinstance(gaps.fields[name], Below) for name in values)


def _written(values: dict[str, str]) -> str:
    return f"{{{', '.join(f'{name!r}: {value}' for name, value in values.items())}}}"
