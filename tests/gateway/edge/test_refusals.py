"""Mistakes are the client's: each one is a typed refusal in JSON, never a failure of ours."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.gateway.conftest import Gateway
from tests.support.logs import LogLines
from tests.support.repository import REPOSITORY

JSON = {"content-type": "application/json"}
NINES = "9" * 5_000
LONG = "a" * 9_000
IN_DOCUMENT = "GRAPHQL_VALIDATION_FAILED"


def _integer_variable(kind: str, number: str) -> bytes:
    query = f'query($n: {kind}!) {{ metiers(texte: \\"b\\", first: $n) {{ libelle }} }}'
    return f'{{"query": "{query}", "variables": {{"n": {number}}}}}'.encode()


DEEP = b'{"query": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"


def _typed(media_type: str) -> dict[str, Any]:
    return {"data": b"{}", "headers": {"content-type": media_type}}


HTTP: dict[str, tuple[dict[str, Any], int, str]] = {
    "unknown path": ({"method": "GET", "path": "/nothing"}, 404, "NOT_FOUND"),
    "method of another path": ({"path": "/health"}, 405, "METHOD_NOT_ALLOWED"),
    "unknown method": ({"method": "PUT"}, 405, "METHOD_NOT_ALLOWED"),
    "mutation by GET": ({"method": "GET", "path": "/graphql?query=mutation{a}"}, 405, "METHOD_NOT_ALLOWED"),
    "large body": ({"data": b" " * 30_000, "headers": JSON}, 413, "BODY_TOO_LARGE"),
    "batch": ({"json": [{"query": "{ __typename }"}]}, 400, "BAD_REQUEST"),
    "evil type": (_typed("application/json-evil"), 415, "UNSUPPORTED_MEDIA_TYPE"),
    "text": (_typed("text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE"),
    "no type": (_typed(""), 415, "UNSUPPORTED_MEDIA_TYPE"),
    "tab": ({"json": {}, "headers": {"authorization": "Bearer \t x"}}, 400, "BAD_REQUEST"),
    "accent": ({"json": {}, "headers": {"authorization": "Bearer é"}}, 400, "BAD_REQUEST"),
    "deep json": ({"data": DEEP, "headers": JSON}, 400, "BAD_REQUEST"),
    "surrogate": ({"data": b'{"query": "\\ud800"}', "headers": JSON}, 400, "BAD_REQUEST"),
    "huge variable": ({"data": _integer_variable("Int", NINES), "headers": JSON}, 400, "BAD_REQUEST"),
    "infinite variable": ({"data": _integer_variable("Float", "1e999"), "headers": JSON}, 400, "BAD_REQUEST"),
    "large variable": ({"data": _integer_variable("Int", "9" * 19), "headers": JSON}, 200, "BAD_USER_INPUT"),
    "bad variables by GET": ({"method": "GET", "path": "/graphql?query={a}&variables=["}, 400, "BAD_REQUEST"),
    "long name": ({"json": {"query": f"{{ {LONG} }}"}}, 200, IN_DOCUMENT),
    "long text": ({"json": {"query": f'{{ node(id: "{LONG}") {{ id }} }}'}}, 200, "BAD_USER_INPUT"),
    "long operation": ({"json": {"query": "query A { a }", "operationName": LONG}}, 400, "BAD_REQUEST"),
    "long type": (_typed("x/" + "y" * 5_000), 415, "UNSUPPORTED_MEDIA_TYPE"),
    "persisted query": (
        {"json": {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}},
        200,
        "PERSISTED_QUERY_NOT_SUPPORTED",
    ),
}  # fmt: skip
INTEGERS: dict[str, tuple[dict[str, Any], int, str]] = {
    f"huge integer {place}": ({"json": {"query": query % NINES}}, 200, code)
    for place, query, code in (
        ("for an Int", '{ metiers(texte: "b", first: %s) { libelle } }', IN_DOCUMENT),
        ("as a default", 'query($n: Int = %s) { metiers(texte: "b", first: $n) { libelle } }', IN_DOCUMENT),
        ("for a String", "{ metiers(texte: %s) { libelle } }", IN_DOCUMENT),
        ("for a Boolean", "{ __typename @include(if: %s) }", IN_DOCUMENT),
        ("for an enum", "{ search(criteria: {niveau: %s}) { sources { name } } }", IN_DOCUMENT),
        ("in a list", "{ search(criteria: {romes: [%s]}) { sources { name } } }", IN_DOCUMENT),
        ("for an ID", "{ node(id: %s) { id } }", "BAD_USER_INPUT"),
        (
            "for a Float",
            "{ search(criteria: {zone: {around: {latitude: %s, longitude: 1}}}) { sources { name } } }",
            "BAD_USER_INPUT",
        ),
    )
}
REQUESTS = HTTP | INTEGERS
"""What is sent, and the status and the code of the answer."""


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_mistake_is_a_typed_refusal(gateway: Gateway, log_lines: LogLines, name: str) -> None:
    sent, status, code = REQUESTS[name]

    response = await gateway.client.request(**{"method": "POST", "path": "/graphql", **sent})
    answer = await response.json()

    assert (response.status, response.content_type) == (status, "application/json")
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    # What a client sends is not sent back at length.
    assert len(await response.read()) < 2_500
    assert not [line for line in log_lines() if line["level"] in ("error", "critical")]


async def test_an_unknown_path_has_the_headers_of_every_answer(gateway: Gateway) -> None:
    response = await gateway.client.get("/nothing")

    assert "Server" not in response.headers
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Referrer-Policy"] == "no-referrer"


async def test_a_refused_method_says_which_are_accepted(gateway: Gateway) -> None:
    assert "GET" in (await gateway.client.post("/health")).headers["Allow"]
    assert (await gateway.client.put("/graphql")).headers["Allow"] == "GET, POST"


@pytest.mark.parametrize(
    "header",
    [
        *(
            "authorization",
            "content-type",
            "x-request-id",
            "x-api-key",
            "traceparent",
            "tracestate",
            "baggage",
        ),
        *(
            "apollographql-client-name",
            "apollographql-client-version",
            "apollo-require-preflight",
            "sentry-trace",
        ),
    ],
)
async def test_browsers_may_send_what_usual_tools_send(gateway: Gateway, header: str) -> None:
    asked = {
        "Origin": "https://example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": header,
    }
    response = await gateway.client.options("/graphql", headers=asked)

    assert response.status == 204
    assert header in response.headers["Access-Control-Allow-Headers"].split(", ")


async def test_browsers_may_read_the_headers_of_an_answer(gateway: Gateway) -> None:
    response = await gateway.post("{ __typename }")
    exposed = response.headers["Access-Control-Expose-Headers"].split(", ")

    assert {"x-request-id", "retry-after", "ratelimit-limit", "ratelimit-remaining"} <= set(exposed)
    ours = {name.lower() for name in response.headers if name.lower().startswith(("ratelimit", "x-r"))}
    assert ours <= set(exposed)


def test_every_code_is_documented() -> None:
    source = (REPOSITORY / "gateway" / "errors.py").read_text()
    codes = set(re.findall(r'^[A-Z_]+ = "([A-Z_]+)"$', source, re.MULTILINE))
    codes |= set(re.findall(r'^    \w+: "([A-Z_]+)",$', source, re.MULTILINE))
    page = (REPOSITORY / "gateway" / "ERRORS.md").read_text()

    assert len(codes) > 15
    assert codes == set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
