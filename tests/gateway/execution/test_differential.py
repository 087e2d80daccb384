"""What plans answer is what graphql-core answers: data, order of keys, errors."""

from __future__ import annotations

import os
from typing import Any

import pytest
import strawberry
from graphql import parse, validate

from gateway.execution.documents import DocumentCache, Documents
from gateway.execution.executor import plan_executor
from gateway.execution.plans import COMPLETED
from tests.gateway.execution.random_world import CONFIG, TYPES, Query, QueryMaker

CASES = int(os.environ.get("FUZZ_CASES", "2000"))
GROUPS = 20


class QuietSchema(strawberry.Schema):
    """The poison is meant: its errors are compared, not logged."""

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        """Nothing."""


@pytest.fixture
def documents() -> Documents:
    """Of both schemas, so that a query is parsed and validated once."""
    return Documents()


@pytest.fixture
def plain(documents: Documents) -> strawberry.Schema:
    return QuietSchema(Query, types=TYPES, config=CONFIG, extensions=[lambda: DocumentCache(documents)])


@pytest.fixture
def planned(documents: Documents) -> strawberry.Schema:
    return QuietSchema(
        Query,
        types=TYPES,
        config=CONFIG,
        extensions=[lambda: DocumentCache(documents)],
        execution_context_class=plan_executor(documents),
    )


async def _answer(schema: strawberry.Schema, text: str, seed: int, **variables: bool) -> Any:
    result = await schema.execute(text, context_value={"seed": seed}, variable_values=variables)
    return _with_order(result.data), [
        (error.message, error.path, error.locations) for error in result.errors or ()
    ]


def _with_order(value: Any) -> Any:
    """The same value, where dictionaries with another order of keys are not equal; NaN equals itself."""
    if isinstance(value, dict):
        return [(key, _with_order(each)) for key, each in value.items()]
    if isinstance(value, list):
        return [_with_order(each) for each in value]
    return repr(value) if isinstance(value, float) else value


@pytest.mark.timeout(600)
@pytest.mark.parametrize("group", range(GROUPS))
# graphql-core itself leaves some coroutines when a field beside them fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
async def test_plans_answer_as_graphql_core_does(
    plain: strawberry.Schema, planned: strawberry.Schema, documents: Documents, group: int
) -> None:
    compiled_before, executed = COMPLETED._value.get(), 0  # noqa: SLF001 - prometheus-client reads it no other way
    for seed in range(group * CASES // GROUPS, (group + 1) * CASES // GROUPS):
        text = QueryMaker(seed).text()
        document = parse(text)
        if validate(plain._schema, document):  # noqa: SLF001 - strawberry gives it no other name
            continue
        executed += 1
        for _ in range(2):
            documents.valid(text, document)
        for data, variables in ((seed, {}), (seed + 1, {"yes": False, "no": True})):
            expected = await _answer(plain, text, data, **variables)
            assert await _answer(planned, text, data, **variables) == expected, (seed, variables, text)

    assert executed > CASES // GROUPS / 2
    assert COMPLETED._value.get() > compiled_before  # noqa: SLF001 - as above
