"""Documents that select too much are refused in linear time."""

from __future__ import annotations

import pytest
from graphql import get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from gateway.execution.limits import selection_error
from tests.gateway.conftest import Gateway, open_gateway
from tests.support.gateway.scripted import Scripts

SEARCH = '{ search(criteria: {romes: ["D1102"]}) { formations { edges { node { %s } } } } } %s'


def _doubling(levels: int) -> str:
    fragments = [f"fragment F{i} on Formation {{ ...F{i + 1} ...F{i + 1} }}" for i in range(levels)]
    return SEARCH % ("...F0", " ".join([*fragments, f"fragment F{levels} on Formation {{ id }}"]))


BOMBS = {
    "doubling": (_doubling(60), "once its fragments are expanded", "selections"),
    "wide": (SEARCH % ("id " * 600, ""), "at most 500 are accepted", "selections"),
    "endless": (SEARCH % ("id " * 3000, ""), "tokens", "tokens"),
    "cycle": (
        SEARCH % ("...A", "fragment A on Formation { ...B ...B } fragment B on Formation { ...A ...A }"),
        "spread themselves",
        "depth",
    ),
    "deep": ("{ " + "search { " * 13 + "x" + " }" * 14, "depth", "depth"),
    "introspected": (
        "{ __schema { types { " + "fields { type { " * 4 + "name" + " }" * 11,
        "introspection depth",
        "introspection",
    ),
    "aliased": (SEARCH % (" ".join(f"a{i}: id" for i in range(40)), ""), "aliases", "aliases"),
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_an_exponential_document_is_refused_every_time(gateway: Gateway, bomb: str) -> None:
    text, why, limit = BOMBS[bomb]
    for _ in range(3):
        response = await gateway.post(text)
        answer = await response.json()

        assert "data" not in answer
        assert why in answer["errors"][0]["message"]
        assert answer["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": limit}
    assert not gateway.scripts.calls


async def test_introspection_by_tools_is_within_the_limits(gateway: Gateway) -> None:
    query = get_introspection_query(specified_by_url=True, schema_description=True)
    answer = await gateway.ask(query)

    assert "errors" not in answer


DEEP = '{ node(id: "x") { ... on Formation { etablissement { lieu { point { latitude } } } } } }'


@pytest.mark.parametrize(("max_depth", "code"), [(4, "BAD_USER_INPUT"), (3, "LIMIT_EXCEEDED")])
async def test_a_query_deeper_than_the_limit_is_refused(scripts: Scripts, max_depth: int, code: str) -> None:
    async with open_gateway(scripts, max_depth=max_depth) as gateway:
        answer = await gateway.ask(DEEP)

    # A query within the limit is refused too, because its id is invalid.
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}
    assert ("exceeds maximum operation depth" in answer["errors"][0]["message"]) is (max_depth == 3)


async def test_the_depth_of_introspection_is_not_limited(scripts: Scripts) -> None:
    selection = "ofType { " * 3 + "name" + " }" * 3
    async with open_gateway(scripts, max_depth=2) as gateway:
        answer = await gateway.ask("{ __schema { types { fields { type { " + selection + " } } } } }")

    assert "errors" not in answer


def test_only_the_size_of_a_document_is_checked() -> None:
    assert selection_error(parse("{ a ...Unknown }"), 2) is None
    assert selection_error(parse("{ a { b } }"), 1) is not None


@given(st.integers(1, 30), st.integers(1, 4))
def test_expanded_fragments_are_counted_as_if_they_were_written_out(levels: int, times: int) -> None:
    # Each fragment spreads the next one `times` times, and the last one has a field.
    fragments = [f"fragment F{i} on T {{ {f'...F{i + 1} ' * times} }}" for i in range(levels)]
    document = parse(f"{{ ...F0 }} {' '.join(fragments)} fragment F{levels} on T {{ x }}")
    expected = 1 + sum(times**level for level in range(1, levels + 1)) + times**levels

    assert selection_error(document, expected) is None
    assert selection_error(document, expected - 1) is not None
