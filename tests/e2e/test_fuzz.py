"""Whatever is sent, no answer is a failure of ours: no 5xx, no INTERNAL.

Costs about a minute; `make fuzz` sends 10,000 requests (FUZZ_REQUESTS).
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema, nodes

from tests.support.api import SEARCH, Api
from tests.support.repository import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "600"))
fuzzed = settings(
    max_examples=REQUESTS // 3,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

DOCUMENTS = from_schema(
    (REPOSITORY / "gateway" / "schema.graphql").read_text(),
    custom_scalars={
        "Date": st.dates().map(lambda day: nodes.String(day.isoformat())),
        "DateTime": st.datetimes().map(lambda instant: nodes.String(f"{instant.isoformat()}Z")),
        "URL": st.text(max_size=30).map(nodes.String),
    },
)
"""Queries and mutations that the schema allows, with values of all kinds."""

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.text("'\"\\%${}<>\0\n\u202e\u200dé١ ", max_size=12),
    st.lists(st.text(max_size=5), max_size=3),
)
NUMBERS = st.one_of(st.floats(-200, 200), st.sampled_from([48.8566, 2.3522, 0, -0.0, 90, 180, 1e-300, 1e300]))
ZONES = st.one_of(
    st.fixed_dictionaries(
        {
            "around": st.fixed_dictionaries(
                {"latitude": NUMBERS, "longitude": NUMBERS, "rayonKm": st.one_of(NUMBERS, ODD)}
            )
        }
    ),
    st.fixed_dictionaries(
        {"commune": st.fixed_dictionaries({"insee": st.one_of(st.sampled_from(["75056", "2A004"]), ODD)})}
    ),
    st.dictionaries(st.sampled_from(["departement", "region", "france", "around", "zone"]), ODD, max_size=2),
)
VARIABLES = st.fixed_dictionaries(
    {
        "romes": st.one_of(st.lists(st.sampled_from(["D1102", "G1602", "Z9999"]), max_size=3), ODD),
        "lieu": ZONES,
        "niveau": st.one_of(st.none(), st.sampled_from(["NIVEAU_3", "NIVEAU_9"]), ODD),
    }
)

BODIES = st.one_of(
    st.binary(max_size=200),
    st.recursive(
        ODD, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner), max_leaves=9
    ),
    st.fixed_dictionaries(
        {"query": st.one_of(st.just("{ __typename }"), ODD)},
        optional={"variables": ODD, "operationName": ODD, "extensions": ODD},
    ),
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["accept", "content-type", "accept-encoding", "content-encoding", "x-request-id", "authorization"]
    ),
    st.one_of(
        st.sampled_from(
            ["application/json", "*/*", "gzip", "text/html", "Bearer x", "q=;,", "multipart/form-data"]
        ),
        st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=30),
    ),
    max_size=3,
)


async def _no_failure(api: Api, body: Any, **more: Any) -> None:
    status, answer = await api.send(body, **more)
    assert status < 500, answer
    assert '"INTERNAL"' not in answer, answer


@fuzzed
@given(document=DOCUMENTS)
async def test_documents_of_the_schema(api: Api, document: str) -> None:
    await _no_failure(api, {"query": document})


@fuzzed
@given(variables=VARIABLES)
async def test_values_of_variables(api: Api, variables: dict[str, Any]) -> None:
    await _no_failure(api, {"query": SEARCH, "variables": variables})


@fuzzed
@given(
    body=BODIES,
    headers=HEADERS,
    method=st.sampled_from(["POST", "GET", "PUT", "DELETE", "OPTIONS", "HEAD"]),
    path=st.one_of(
        st.sampled_from(["/graphql", "/", "/ready", "/metrics"]),
        st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=20).map(
            lambda text: f"/{text}"
        ),
    ),
)
async def test_requests_of_all_kinds(
    api: Api, body: Any, headers: dict[str, str], method: str, path: str
) -> None:
    await _no_failure(api, body, headers=headers, method=method, path=path)
