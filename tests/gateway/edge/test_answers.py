"""Status, media type and shape of answers: https://graphql.github.io/graphql-over-http/draft/."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import strawberry
from aiohttp.test_utils import TestClient
from strawberry.extensions import SchemaExtension

from gateway.schema import Schema
from services.common.errors import UpstreamUnavailable
from tests.gateway.conftest import Gateway
from tests.support.gateway.endpoint import endpoint

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"

REQUEST_ERRORS: dict[str, tuple[dict[str, Any], str, int]] = {
    "parse": ({"query": "{"}, "GRAPHQL_PARSE_FAILED", 400),
    "validation": ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED", 200),
    "limits": ({"query": "{ " + "__typename " * 600 + "}"}, "LIMIT_EXCEEDED", 200),
    "variables": (
        {"query": "query($id: ID!) { node(id: $id) { id } }", "variables": {"id": None}},
        "BAD_USER_INPUT",
        200,
    ),
    "directive": (
        {
            "query": "query($yes: Boolean = true) { __typename @include(if: $yes) }",
            "variables": {"yes": None},
        },
        "BAD_USER_INPUT",
        200,
    ),
    "unnamed": ({"query": "query A { __typename } query B { __typename }"}, "BAD_REQUEST", 400),
    "unknown": ({"query": "query A { __typename }", "operationName": "B"}, "BAD_REQUEST", 400),
    "not a name": ({"query": "query A { __typename }", "operationName": 0}, "BAD_REQUEST", 400),
    "no operation": ({"query": "fragment F on Query { __typename }"}, "BAD_REQUEST", 400),
    "subscription": ({"query": "subscription { a }"}, "GRAPHQL_VALIDATION_FAILED", 200),
    "no query": ({}, "BAD_REQUEST", 400),
}
"""The body of a request, the code of its errors, and the status of the JSON answer."""


async def _post(gateway: Gateway, body: dict[str, Any], accept: str) -> tuple[int, str, dict[str, Any]]:
    response = await gateway.client.post("/graphql", json=body, headers={"accept": accept})
    assert response.headers["Vary"] == "Accept, Accept-Encoding"
    assert response.charset == "utf-8"
    return response.status, response.content_type, await response.json()


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
@pytest.mark.parametrize("name", REQUEST_ERRORS)
async def test_a_request_error_has_no_data(gateway: Gateway, name: str, accept: str) -> None:
    body, code, json_status = REQUEST_ERRORS[name]

    for _ in range(3):
        status, media_type, answer = await _post(gateway, body, accept)

        assert (status, media_type) == (400 if accept == GRAPHQL else json_status, accept)
        assert set(answer) == {"errors"}
        assert {error["extensions"]["code"] for error in answer["errors"]} == {code}
    assert not gateway.scripts.calls


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_a_partial_answer_is_a_200_with_its_data(gateway: Gateway, accept: str) -> None:
    gateway.scripts.fail("SuggestMetiers", UpstreamUnavailable("away"))
    body = {"query": '{ __typename metiers(texte: "b") { libelle } }'}

    status, media_type, answer = await _post(gateway, body, accept)

    assert (status, media_type) == (200, accept)
    assert answer["data"] == {"__typename": "Query", "metiers": None}
    assert answer["errors"][0]["path"] == ["metiers"]


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_a_field_error_that_propagates_to_the_root_makes_data_null(
    gateway: Gateway, accept: str
) -> None:
    gateway.scripts.fail("BookRendezVous", UpstreamUnavailable("away"))
    query = """mutation { bookRendezVous(input: {formationId: "Rm9ybWF0aW9uOjE=", creneauId: "k",
      candidat: {prenom: "A", nom: "B", email: "a@b.fr"}}) { __typename } }"""

    status, _, answer = await _post(gateway, {"query": query}, accept)

    assert (status, answer["data"]) == (200, None)
    assert answer["errors"][0]["path"] == ["bookRendezVous"]


async def test_several_accept_headers_are_one(gateway: Gateway) -> None:
    response = await gateway.client.post(
        "/graphql",
        json={"query": "{ __typename }"},
        headers=[("accept", "text/plain"), ("accept", GRAPHQL)],
    )

    assert response.content_type == GRAPHQL


async def test_an_unsupported_http_method_is_a_405(gateway: Gateway) -> None:
    response = await gateway.client.put(
        "/graphql", json={"query": "{ __typename }"}, headers={"accept": GRAPHQL}
    )

    assert (response.status, response.headers["Allow"], response.content_type) == (405, "GET, POST", GRAPHQL)


TWO = "query A { a: __typename } mutation B { b: __typename }"


async def test_several_operations_without_a_name_are_refused_with_theirs(gateway: Gateway) -> None:
    _, _, answer = await _post(gateway, {"query": TWO}, JSON)

    assert [error["message"] for error in answer["errors"]] == [
        "The document holds several operations; name one in operationName: A, B."
    ]


@pytest.mark.parametrize(
    ("query", "why"), [(TWO, "it holds A, B"), ("{ __typename }", "its operation has no name")]
)
async def test_an_unknown_name_is_refused_with_the_known_ones(gateway: Gateway, query: str, why: str) -> None:
    _, _, answer = await _post(gateway, {"query": query, "operationName": "C"}, JSON)

    assert [error["message"] for error in answer["errors"]] == [
        f"The document holds no operation named 'C'; {why}."
    ]


@pytest.mark.parametrize(("name", "data"), [("A", {"a": "Query"}), ("B", {"b": "Mutation"})])
async def test_the_operation_named_is_run(gateway: Gateway, name: str, data: dict[str, str]) -> None:
    for _ in range(3):
        _, _, answer = await _post(gateway, {"query": TWO, "operationName": name}, JSON)

        assert answer == {"data": data}


@pytest.mark.parametrize("name", [None, ""])
async def test_a_document_of_one_operation_needs_no_name(gateway: Gateway, name: str | None) -> None:
    _, _, answer = await _post(gateway, {"query": "query A { __typename }", "operationName": name}, JSON)

    assert answer == {"data": {"__typename": "Query"}}


async def test_two_operations_without_any_name_are_refused(gateway: Gateway) -> None:
    _, _, answer = await _post(gateway, {"query": "{ a: __typename } { b: __typename }"}, JSON)

    assert {error["extensions"]["code"] for error in answer["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}


@strawberry.type
class Query:
    """A query root."""

    word: str = "a"


class Broken(SchemaExtension):
    """Raises before execution."""

    def on_operation(self) -> Iterator[None]:
        if self.execution_context.query:
            raise RuntimeError("password=secret")
        yield


@pytest.fixture
async def broken() -> AsyncIterator[TestClient[Any, Any]]:
    """An endpoint with a defect of its own, without services."""
    async with endpoint(Schema(Query, extensions=[Broken])) as client:
        yield client


@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL, 500)])
async def test_a_defect_before_execution_is_masked(
    broken: TestClient[Any, Any], accept: str, status: int
) -> None:
    response = await broken.post("/graphql", json={"query": "{ word }"}, headers={"accept": accept})

    assert response.status == status
    assert await response.json() == {
        "errors": [{"message": "Erreur interne.", "extensions": {"code": "INTERNAL"}}]
    }
