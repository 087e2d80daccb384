"""Gaps: the fields that a plan can't complete, because they do more than read a value.

graphql-core's `execute_field` runs them, in the order in which graphql-core would run them without a plan.
Awaitable values are awaited in the same groups as in graphql-core.
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
    """The gaps of the objects at one place of a query."""

    parent_type: GraphQLObjectType
    may_fail: bool
    """Whether a null of a non-null field here propagates to the value that the plan completes.

    It does when no object between the two is nullable.
    """
    fields: dict[str, Details | NestedGaps] = field(default_factory=dict)
    """By response name, in the order of the query."""

    def can_hold(self, output_type: GraphQLOutputType | None) -> bool:
        """Whether a field of that type may be a gap.

        A non-null field may not when its null would propagate to a nullable object inside the plan.
        https://spec.graphql.org/September2025/#sec-Handling-Execution-Errors
        """
        return self.may_fail or not is_non_null_type(output_type)

    def nested(self, parent_type: GraphQLObjectType, *, nullable: bool) -> Gaps:
        """The gaps of an object in a field of this object."""
        return Gaps(parent_type, self.may_fail and not nullable)


@dataclass(frozen=True)
class NestedGaps:
    """The gaps of an object that the plan completes together with its parent object."""

    gaps: Gaps
    read: Callable[[Any], Any]
    """Reads the object from its parent object."""


def fill(
    executor: Executor[Any], gaps: Gaps, source: Any, result: dict[str, Any], path: Path | None
) -> AwaitableOrValue[dict[str, Any]]:
    """Run the gaps of one object, which the plan completed as `result`."""
    return _fill_values(executor, result, _gap_values(executor, gaps, source, result, path))


def fill_list(
    executor: Executor[Any], gaps: Gaps, items: Iterable[Any], results: list[Any], path: Path
) -> AwaitableOrValue[list[Any]]:
    """Run the gaps of the objects of a list, which the plan completed as `results`."""
    filled = (
        (index, fill(executor, gaps, source, results[index], path.add_key(index, None)))
        for index, source in enumerate(items)
        if results[index] is not None
    )
    return _fill_values(executor, results, filled)


def _gap_values(
    executor: Executor[Any], gaps: Gaps, source: Any, result: dict[str, Any], path: Path | None
) -> Iterator[tuple[str, Any]]:
    """The response name and the value, maybe awaitable, of each gap."""
    parent_type = gaps.parent_type
    for name, gap in gaps.fields.items():
        field_path = Path(path, name, parent_type.name)
        if isinstance(gap, NestedGaps):
            if result[name] is not None:
                yield name, fill(executor, gap.gaps, gap.read(source), result[name], field_path)
            continue
        value = executor.execute_field(parent_type, source, gap, field_path, None)
        if value is Undefined:
            del result[name]  # the schema has no such field
        else:
            yield name, value


def _fill_values(
    executor: Executor[Any], results: R, values: Iterable[tuple[Any, Any]]
) -> AwaitableOrValue[R]:
    """Put the values in the results. The results are awaitable if one of the values is."""
    awaitable_keys = []
    try:
        for key, value in values:
            results[key] = value
            if executor.is_awaitable(value):
                awaitable_keys.append(key)
    except Exception:
        # The error propagates, so nobody will await the values already started.
        if awaitable_keys:
            executor.settle_in_background([results[key] for key in awaitable_keys])
        raise
    return _await_values(results, awaitable_keys) if awaitable_keys else results


async def _await_values(results: R, keys: list[Any]) -> R:
    if len(keys) == 1:
        results[keys[0]] = await results[keys[0]]
        return results
    values: list[Any] = await gather_with_cancel(*(results[key] for key in keys))
    for key, value in zip(keys, values, strict=True):
        results[key] = value
    return results
