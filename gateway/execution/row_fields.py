"""Row fields: fields with a resolver in every row of a list, called without strawberry's wrapper.

strawberry converts the arguments, then calls the permissions and extensions of the field. This takes about
20 µs for each row, more than these resolvers. Row fields have no permission and no extension, and their
arguments need no conversion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema
from graphql.type import get_named_type, is_specified_scalar_type
from strawberry.types import Info
from strawberry.types.field import StrawberryField

ROW_FIELD = {"row_field": True}
"""The `metadata` of a row field. Its resolver takes the parent, the Info, and built-in scalars."""


def call_directly(schema: GraphQLSchema, info_class: type[Info[Any, Any]]) -> None:
    """Make graphql-core call the resolvers of the row fields directly, with an `info_class` as Info.

    Raises TypeError with every row field that needs strawberry's wrapper.
    """
    wrong = []
    for path, field, definition in _row_fields(schema):
        wrong += [f"{path}: {problem}" for problem in _problems(field, definition)]
        if definition.base_resolver:
            field.resolve = _direct_resolver(definition, definition.base_resolver.wrapped_func, info_class)
    if wrong:
        raise TypeError("; ".join(wrong))


def _row_fields(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField, StrawberryField]]:
    for graphql_type in schema.type_map.values():
        if isinstance(graphql_type, GraphQLObjectType):
            for name, field in graphql_type.fields.items():
                definition = field.extensions.get("strawberry-definition")
                if isinstance(definition, StrawberryField) and definition.metadata == ROW_FIELD:
                    yield f"{graphql_type.name}.{name}", field, definition


def _problems(field: GraphQLField, definition: StrawberryField) -> Iterator[str]:
    if definition.is_async:
        yield "its resolver is async: each row would wait"
    # strawberry implements permissions as extensions.
    if definition.extensions:
        yield "its permissions and extensions would not be asked"
    names = {argument.python_name for argument in definition.arguments}
    for name, argument in field.args.items():
        if name not in names or not is_specified_scalar_type(get_named_type(argument.type)):
            yield f"its argument {name} would have to be converted"


def _direct_resolver(
    definition: StrawberryField, resolver: Any, info_class: type[Info[Any, Any]]
) -> Callable[..., Any]:
    def resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        return resolver(source, info_class(_raw_info=info, _field=definition), **arguments)

    return resolve
