from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.media_types import GRAPHQL_RESPONSE, JSON, answer_type


@pytest.mark.parametrize(
    "accept",
    [
        "application/graphql-response+json",
        "Application/GraphQL-Response+JSON",
        "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
        "application/graphql-response+json,application/json;q=0.9",
        "application/json;q=0.9 , application/graphql-response+json",
        "text/html, application/graphql-response+json;q=0.2, */*;q=0.1",
        "application/graphql-response+json;q=0.5, */*;q=0.5",
        'application/json;a="x,y";q=0.4, application/graphql-response+json;q=0.5',
        "*/*, application/json;q=0.1, application/graphql-response+json;q=0.2",
        "application/*;q=0.1, */*, application/graphql-response+json;q=0.2",
    ],
)
def test_the_media_type_of_graphql_is_answered_to_those_who_name_and_prefer_it(accept: str) -> None:
    assert answer_type(accept) == GRAPHQL_RESPONSE


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/*",
        "application/json",
        "text/html",
        "application/json, application/graphql-response+json;q=0.9",
        "application/graphql-response+json;q=0.8, */*",
        "application/graphql-response+json;q=0.8, application/*;q=0.9, */*;q=0.1",
        "application/graphql-response+json;q=0",
        "application/graphql-response+json;q=0.000, application/json;q=0",
        "application/graphql-response+json2",
        'text/plain;a="application/graphql-response+json"',
    ],
)
def test_json_is_answered_to_the_others(accept: str) -> None:
    assert answer_type(accept) == JSON


@given(st.text(alphabet=',;"=/*+ qapplicationjson01.', max_size=60))
def test_any_header_has_an_answer(accept: str) -> None:
    assert answer_type(accept) in (JSON, GRAPHQL_RESPONSE)
