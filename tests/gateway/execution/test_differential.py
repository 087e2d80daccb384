"""Plans give the same answers as graphql-core: the data, the order of the keys and the errors."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import strawberry
from google.protobuf.message import DecodeError
from graphql import parse, validate
from prometheus_client import REGISTRY

from gateway.execution import wire
from gateway.execution.documents import DocumentCache, Documents
from gateway.execution.executor import plan_executor
from gateway.execution.lazy import lazy_reader
from tests.support.execution import message_world, random_world
from tests.support.execution.random_queries import QueryGenerator, Vocabulary, vocabulary
from tests.support.execution.random_schema import RandomSchema

CASES = int(os.environ.get("FUZZ_CASES", "600"))
"""The number of queries, shared by all worlds."""
WORLDS = 3
GROUPS = 4
VARIABLES: tuple[dict[str, bool], ...] = ({}, {"yes": False, "no": True})

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600 + CASES / 10),
    # graphql-core itself leaves some coroutines unawaited when a sibling field fails.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
]


@pytest.fixture(autouse=True)
def _collect_coroutines() -> Iterator[None]:
    """Collect the unawaited coroutines, which are in cycles, so that no later test gets their warnings."""
    yield
    gc.collect()


class QuietSchema(strawberry.Schema):
    """Logs no error: the random data contains errors on purpose, and the tests compare them."""

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        """Log nothing."""


class Pair:
    """A schema with plans and the same schema without; both share one document cache."""

    def __init__(self, world: Any) -> None:
        self._documents = Documents()
        cache = [lambda: DocumentCache(self._documents)]
        self.plain = QuietSchema(world.Query, types=world.TYPES, config=world.CONFIG, extensions=cache)
        self.planned = QuietSchema(
            world.Query,
            types=world.TYPES,
            config=world.CONFIG,
            extensions=cache,
            execution_context_class=plan_executor(self._documents),
        )
        core = self.plain._schema  # noqa: SLF001 - strawberry gives it no other name
        self._core = core
        self.words: Vocabulary = vocabulary(core, world.RESOLVED, world.ARGUMENTS)

    def is_valid(self, text: str) -> bool:
        """Whether the query is valid. A valid query is cached."""
        document = parse(text)
        if validate(self._core, document):
            return False
        for _ in range(2):
            self._documents.record(text, document)
        return True


async def _answer(schema: strawberry.Schema, text: str, context: Any, variables: dict[str, bool]) -> Any:
    result = await schema.execute(text, context_value=context, variable_values=variables)
    # Bytes, to compare also the order of the keys and the sign of zeros.
    return orjson.dumps(result.data), [
        (error.message, error.path, error.locations) for error in result.errors or ()
    ]


def _count(how: str) -> float:
    return REGISTRY.get_sample_value("lba_plans_total", {"how": how}) or 0.0


def _cases(group: int) -> range:
    each = CASES // WORLDS
    return range(group * each // GROUPS, (group + 1) * each // GROUPS)


@pytest.mark.parametrize("group", range(GROUPS))
async def test_plans_answer_as_graphql_core_does(group: int) -> None:
    await _compare(Pair(random_world), _cases(group))


@pytest.mark.parametrize("group", range(GROUPS))
async def test_plans_of_any_schema_answer_as_graphql_core_does(group: int) -> None:
    cases = _cases(group)
    for first in cases[::20]:
        await _compare(Pair(RandomSchema(first)), range(first, min(first + 20, cases.stop)))


async def _compare(pair: Pair, cases: range) -> None:
    compiled_before, executed = _count("compiled"), 0
    for seed in cases:
        text = QueryGenerator(seed, pair.words).text()
        if not pair.is_valid(text):
            continue
        executed += 1
        for data, variables in zip((seed, seed + 1), VARIABLES, strict=True):
            context = {"seed": data}
            expected = await _answer(pair.plain, text, context, variables)
            assert await _answer(pair.planned, text, context, variables) == expected, (seed, variables, text)

    assert executed > len(cases) / 2
    assert _count("compiled") > compiled_before


@pytest.mark.parametrize("group", range(GROUPS))
async def test_messages_and_their_bytes_answer_as_graphql_core_does(group: int) -> None:
    pair = Pair(message_world)
    read_lazily = lazy_reader(message_world.NUTS)
    transcoded_before, executed = _count("transcoded"), 0
    for seed in _cases(group):
        text = QueryGenerator(seed, pair.words).text()
        if not pair.is_valid(text):
            continue
        executed += 1
        for number, variables in zip((seed, seed + 1), VARIABLES, strict=True):
            data = message_world.Answers(number).data()
            case = (seed, variables, text, data)
            try:
                parsed = message_world.NUTS.FromString(data)
            except DecodeError:
                continue
            expected = await _answer(pair.plain, text, parsed, variables)
            assert await _answer(pair.planned, text, parsed, variables) == expected, case
            if read_lazily:
                assert await _answer(pair.planned, text, read_lazily(data), variables) == expected, case

    assert executed > len(_cases(group)) / 2
    assert wire.load() is None or _count("transcoded") > transcoded_before
