"""Compiles a selection to a Python function.

Only basic fields are compiled: those with the default resolver, no argument and no permission. graphql-core's
`collect_subfields` collects the selections, so aliases, merged fields, fragments and type conditions have the
same meaning as in graphql-core.
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

from gateway.execution.accessor import Accessor, accessor_of
from gateway.execution.classes import KnownClasses, is_plain_list
from gateway.execution.contract import ContractField, contract_field
from gateway.execution.gaps import Gaps, NestedGaps
from gateway.execution.leaves import leaf_expression
from gateway.execution.messages import MessageFields
from gateway.execution.plans import ListPlan, ObjectPlan, count_fallback
from gateway.execution.selection import (
    CollectSubfields,
    Details,
    NotCompilable,
    basic_field,
    is_incremental,
    named_type,
    response_name,
)
from gateway.execution.source import Source
from gateway.execution.transcoding import transcoder


class Compiler:
    """Generates the functions of one plan."""

    def __init__(self, schema: GraphQLSchema, collect: CollectSubfields, known: KnownClasses) -> None:
        self._schema = schema
        self._collect = collect
        self._known = known
        self._source = Source()
        self._is_list = self._source.constant(is_plain_list)
        self._messages = MessageFields(self._source, self._contract_object)

    def compile_object(self, parent: GraphQLObjectType, grouped: dict[str, Details]) -> ObjectPlan | None:
        """A function that completes the basic fields of an object, and the gaps: the other fields.

        The function returns None in the place of a gap. There is no plan when no field is basic.
        """
        accessor = self._accessor(parent)
        if accessor is None:
            return None
        gaps = Gaps(parent, may_fail=True)
        try:
            with _depth_guard(parent.name):
                values = self._field_expressions(parent, accessor, grouped, "v", gaps)
                name = self._source.function([self._check(accessor), f"return {_dict_expression(values)}"])
                complete = self._source.compiled(name)
        except NotCompilable as reason:
            count_fallback(reason)
            return None
        return None if _has_only_gaps(values, gaps) else (complete, gaps if gaps.fields else None)

    def compile_list(self, item_type: GraphQLOutputType, details: Details) -> ListPlan:
        """A function that completes a list of objects, and the gaps of the objects. Raises NotCompilable."""
        if is_leaf_type(named_type(item_type)):
            raise NotCompilable(str(item_type), "type")
        if is_incremental(details):
            raise NotCompilable(details[0].node.name.value, "later")
        item, gaps = get_nullable_type(item_type), None
        if is_object_type(item):
            gaps = Gaps(item, may_fail=item is not item_type)
        with _depth_guard(str(item_type)):
            value = self._list_expression(GraphQLList(item_type), details, "v", gaps)
            complete = self._source.compiled(self._source.function([f"return {value}"]))
        return complete, gaps if gaps is not None and gaps.fields else None

    def _object_function(self, parent: GraphQLObjectType, details: Details) -> str:
        """The name of a function that completes an object of this type."""
        accessor = self._accessor(parent)
        if accessor is None:
            raise NotCompilable(parent.name, "type")
        return self._source.function(
            [self._check(accessor), f"return {self._object_expression(parent, accessor, details, 'v')}"]
        )

    def _accessor(self, graphql_type: GraphQLObjectType) -> Accessor | None:
        return accessor_of(self._schema, graphql_type)

    def _check(self, accessor: Accessor) -> str:
        return f"if {accessor.check(self._source, self._known)}: fail()"

    def _object_expression(
        self,
        parent: GraphQLObjectType,
        accessor: Accessor,
        details: Details,
        base: str,
        gaps: Gaps | None = None,
    ) -> str:
        """An expression for the completed object in the variable `base`.

        A field that can't be compiled is added to `gaps`. Raises NotCompilable when `gaps` is None.
        """
        grouped, later, _ = self._collect(parent, details)
        if later:
            raise NotCompilable(parent.name, "later")
        values = self._field_expressions(parent, accessor, grouped, base, gaps)
        if gaps is not None and _has_only_gaps(values, gaps):
            raise NotCompilable(parent.name, "resolver")
        return _dict_expression(values)

    def _field_expressions(
        self,
        parent: GraphQLObjectType,
        accessor: Accessor,
        grouped: dict[str, Details],
        base: str,
        gaps: Gaps | None,
    ) -> dict[str, str]:
        values = {}
        for name, details in grouped.items():
            try:
                values[name] = self._field_expression(parent, accessor, details, base, gaps)
            except NotCompilable as reason:
                field = parent.fields.get(details[0].node.name.value)
                if gaps is None or not gaps.can_hold(field and field.type):
                    raise
                count_fallback(reason)
                gaps.fields[name] = details
                values[name] = "None"
        return values

    def _contract_object(self, field: ContractField, details: Details, base: str, gaps: Gaps | None) -> str:
        if field.accessor is None:
            raise NotCompilable(field.name, "type")
        if gaps is None:
            return self._object_expression(field.graphql_type, field.accessor, details, base)
        below = gaps.nested(field.graphql_type, nullable=field.nullable)
        members = self._object_expression(field.graphql_type, field.accessor, details, base, below)
        if below.fields:
            gaps.fields[response_name(details)] = NestedGaps(below, attrgetter(field.name))
        return members

    def _field_expression(
        self,
        parent: GraphQLObjectType,
        accessor: Accessor,
        details: Details,
        base: str,
        gaps: Gaps | None,
    ) -> str:
        field = basic_field(parent, details)
        if field is None:
            return repr(parent.name)
        name = field.extensions["strawberry-definition"].python_name
        contracted = contract_field(accessor, name, field.type, self._accessor)
        expression = self._messages.value(accessor, contracted, details, base, gaps) if contracted else None
        if expression is not None:
            return expression
        return self._value_expression(field.type, details, accessor.value(name, base, self._source))

    def _value_expression(self, output_type: GraphQLOutputType, details: Details, value: str) -> str:
        if is_non_null_type(output_type):
            if is_object_type(output_type.of_type):
                # The function calls `fail` for a value that is not of its class, None included.
                return f"{self._object_function(output_type.of_type, details)}({value})"
            temporary = self._source.temporary()
            inner = self._nullable_expression(output_type.of_type, details, value)
            return f"({temporary} if ({temporary} := {inner}) is not None else fail())"
        return self._nullable_expression(output_type, details, value)

    def _nullable_expression(self, output_type: GraphQLOutputType, details: Details, value: str) -> str:
        if is_leaf_type(output_type):
            return leaf_expression(output_type, value, self._source)
        temporary = self._source.temporary()
        null_guard = f"None if ({temporary} := {value}) is None else "
        if is_list_type(output_type):
            return f"({null_guard}{self._list_expression(output_type, details, temporary)})"
        if is_object_type(output_type):
            return f"({null_guard}{self._object_function(output_type, details)}({temporary}))"
        if is_abstract_type(output_type):
            return (
                f"({null_guard}{self._dispatch_table(output_type, details)}[type({temporary})]({temporary}))"
            )
        raise NotCompilable(str(output_type), "type")

    def _list_expression(
        self, output_type: GraphQLList[Any], details: Details, value: str, gaps: Gaps | None = None
    ) -> str:
        item_type = get_nullable_type(output_type.of_type)
        if is_object_type(item_type):
            nullable = item_type is output_type.of_type
            return self._objects_expression(item_type, details, value, gaps, nullable=nullable)
        name = self._source.temporary()
        item = self._value_expression(output_type.of_type, details, name)
        return f"([{item} for {name} in {value}] if {self._is_list}({value}) else fail())"

    def _objects_expression(
        self,
        item_type: GraphQLObjectType,
        details: Details,
        value: str,
        gaps: Gaps | None,
        *,
        nullable: bool,
    ) -> str:
        accessor = self._accessor(item_type)
        if accessor is None:
            raise NotCompilable(item_type.name, "type")
        lines = ["if v is None:", "    add(None)", "    continue"] if nullable else []
        lines.append(self._check(accessor))
        function = self._source.loop(lines, self._object_expression(item_type, accessor, details, "v", gaps))
        completed = f"({function}({value}) if {self._is_list}({value}) else fail())"
        transcode = transcoder(item_type, details, self._accessor, self._collect)
        if transcode is None:
            return completed
        written = self._source.temporary()
        transcoded = f"{self._source.constant(transcode)}({value})"
        return f"({written} if ({written} := {transcoded}) is not None else {completed})"

    def _dispatch_table(self, abstract: GraphQLAbstractType, details: Details) -> str:
        """The name of a dict from the class of a value to the function that completes it."""
        functions = {}
        for possible in self._schema.get_possible_types(abstract):
            accessor = self._accessor(possible)
            if accessor is None or accessor.exact_class is None:
                raise NotCompilable(possible.name, "type")
            functions[accessor.exact_class] = self._object_function(possible, details)
        return self._source.table(functions)


@contextmanager
def _depth_guard(name: str) -> Iterator[None]:
    """Raise NotCompilable for a selection too deep for Python's compiler.

    The default depth limit refuses such a query earlier; a higher limit can let it through.
    """
    try:
        yield
    except (RecursionError, MemoryError) as error:
        raise NotCompilable(name, "depth") from error
    except SyntaxError as error:
        if "nested" not in str(error):
            raise
        raise NotCompilable(name, "depth") from error


def _has_only_gaps(values: dict[str, str], gaps: Gaps) -> bool:
    """Whether the plan would complete no field of the object."""
    return all(name in gaps.fields and not isinstance(gaps.fields[name], NestedGaps) for name in values)


def _dict_expression(values: dict[str, str]) -> str:
    return f"{{{', '.join(f'{name!r}: {value}' for name, value in values.items())}}}"
