"""graphql-core executes a query that is nested too deeply for a plan."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.execution.test_differential import Pair
from tests.support.execution import message_world


def _query(levels: int) -> str:
    nested = "name"
    for _ in range(levels):
        nested = f"shell {{ inner {{ name {nested} }} }}"
    return f"{{ nuts {{ total edges {{ node {{ name {nested} }} }} }} }}"


def _answer() -> Any:
    nut: Any = message_world.NUT
    nuts: Any = message_world.NUTS
    edge: Any = message_world.EDGE
    shell: Any = message_world.SHELL
    # The innermost `inner` is absent, since it is nullable.
    return nuts(
        total=1, edges=[edge(node=nut(name="oak", shell=shell(inner=nut(name="elm", shell=shell()))))]
    )


@pytest.mark.parametrize("levels", [2, 60, 90], ids=["shallow", "parentheses", "recursion"])
async def test_deep_query_is_answered(levels: int) -> None:
    pair = Pair(message_world)
    query = _query(levels)
    assert pair.is_valid(query)

    expected = await pair.plain.execute(query, context_value=_answer())
    planned = await pair.planned.execute(query, context_value=_answer())

    assert expected.errors is None
    assert (planned.data, planned.errors) == (expected.data, None)
