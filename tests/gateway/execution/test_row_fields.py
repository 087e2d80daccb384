from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
import strawberry
from strawberry.permission import BasePermission

from gateway.context import Info
from gateway.execution.row_fields import ROW_FIELD, call_directly


class Nobody(BasePermission):
    """Denies everything."""

    def has_permission(self, source: Any, info: strawberry.Info, **_: Any) -> bool:  # noqa: ARG002 - strawberry's signature
        return False


@strawberry.enum
class Size(Enum):
    """An enum, which strawberry converts from its name."""

    SMALL = 1


def _times(root: strawberry.Parent[Any], info: Info, by: int = 2) -> int:
    return int(root.size) * by + len(info.field_name)


async def _later(root: strawberry.Parent[Any], info: Info) -> int:
    return _times(root, info)


def _sized(root: strawberry.Parent[Any], info: Info, size_of: int, size: Size) -> int:  # noqa: ARG001 - never called
    return 0


@strawberry.type
class Row:
    """A row with a row field."""

    size: int
    times: int = strawberry.field(resolver=_times, metadata=ROW_FIELD)


def test_a_row_field_has_its_parent_its_info_and_its_arguments() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def rows(self) -> list[Row]:
            return [Row(size=1), Row(size=2)]

    schema = strawberry.Schema(Query)
    call_directly(schema._schema, Info)  # noqa: SLF001 - strawberry gives it no other name

    result = schema.execute_sync("{ rows { size times thrice: times(by: 3) } }")

    assert result.errors is None
    assert result.data == {
        "rows": [{"size": 1, "times": 7, "thrice": 8}, {"size": 2, "times": 9, "thrice": 11}]
    }


def test_every_field_that_cannot_be_called_directly_is_reported() -> None:
    @strawberry.type
    class Query:
        later: int = strawberry.field(resolver=_later, metadata=ROW_FIELD)
        secret: int = strawberry.field(resolver=_times, permission_classes=[Nobody], metadata=ROW_FIELD)
        sized: int = strawberry.field(resolver=_sized, metadata=ROW_FIELD)

    with pytest.raises(TypeError) as refused:
        call_directly(strawberry.Schema(Query)._schema, Info)  # noqa: SLF001 - as above

    assert str(refused.value).split("; ") == [
        "Query.later: its resolver is async: each row would wait",
        "Query.secret: its permissions and extensions would not be asked",
        "Query.sized: its argument sizeOf would have to be converted",
        "Query.sized: its argument size would have to be converted",
    ]
