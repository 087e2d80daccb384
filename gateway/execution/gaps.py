"""What a plan leaves open in the objects that it completes: fields that do more than reading a value.

They are run by graphql-core's `execute_field`, in the order in which graphql-core would have come to them,
and what has to be waited for is waited for in the same groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from graphql import GraphQLObjectType, GraphQLOutputType, Undefined, is_non_null_type
from graphql.execution.executor import Executor
from graphql.pyutils import AwaitableOrValue, Path, gather_with_cancel

from gateway.execution.selection import Details

R = TypeVar("R", dict[str, Any], list[Any])


@dataclass
class Gaps:
    """Of the objects at one place of a query."""

    parent_type: GraphQLObjectType
    may_fail: bool
    """Whether a null here is for whoever asked for the plan: nothing between the two may be null."""
    fields: dict[str, Details | Below] = field(default_factory=dict)
    """By name in the answer, in the order of the query."""

    def takes(self, output_type: GraphQLOutputType | None) -> bool:
        """Whether a field of that type may be left open: its null would not stop at an object between."""
        return self.may_fail or not is_non_null_type(output_type)

    def inside(self, parent_type: GraphQLObjectType, *, nullable: bool) -> Gaps:
        """Those of an object in a field of this one."""
        return Gaps(parent_type, self.may_fail and not nullable)


@dataclass(frozen=True)
class Below:
    """An object that the plan completes with the one that holds it, and that has gaps of its own."""

    gaps: Gaps
    read: Callable[[Any], Any]
    """Gives the object, of the one that holds it."""


def fill(
    executor: Executor[Any], gaps: Gaps, source: Any, result: dict[str, Any], path: Path | None
) -> AwaitableOrValue[dict[str, Any]]:
    """Run the gaps of one object, which the plan completed as `result`."""
    return _collected(executor, result, _fields(executor, gaps, source, result, path))


def fill_list(
    executor: Executor[Any], gaps: Gaps, items: Iterable[Any], results: list[Any], path: Path
) -> AwaitableOrValue[list[Any]]:
    """Run the gaps of the objects of a list, which the plan completed as `results`."""
    filled = (
        (index, fill(executor, gaps, source, results[index], path.add_key(index, None)))
        for index, source in enumerate(items)
        if results[index] is not None
    )
    return _collected(executor, results, filled)


def _fields(
    executor: Executor[Any], gaps: Gaps, source: Any, result: dict[str, Any], path: Path | None
) -> Iterator[tuple[str, Any]]:
    """What each gap gives, by its name."""
    parent_type = gaps.parent_type
    for name, gap in gaps.fields.items():
        field_path = Path(path, name, parent_type.name)
        if isinstance(gap, Below):
            if result[name] is not None:
                yield name, fill(executor, gap.gaps, gap.read(source), result[name], field_path)
            continue
        value = executor.execute_field(parent_type, source, gap, field_path, None)
        if value is Undefined:
            del result[name]  # a field that the schema does not have
        else:
            yield name, value


def _collected(executor: Executor[Any], results: R, values: Iterable[tuple[Any, Any]]) -> AwaitableOrValue[R]:
    """The results, with the values in their places: at once, or later where one must be waited for."""
    waiting = []
    try:
        for key, value in values:
            results[key] = value
            if executor.is_awaitable(value):
                waiting.append(key)
    except Exception:
        # An error goes up: what is under way beside it is nobody's any more.
        if waiting:
            executor.settle_in_background([results[key] for key in waiting])
        raise
    return _awaited(results, waiting) if waiting else results


async def _awaited(results: R, waiting: list[Any]) -> R:
    if len(waiting) == 1:
        results[waiting[0]] = await results[waiting[0]]
        return results
    values: list[Any] = await gather_with_cancel(*(results[key] for key in waiting))
    for key, value in zip(waiting, values, strict=True):
        results[key] = value
    return results
