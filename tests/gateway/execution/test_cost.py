"""What operations cost, and what is refused before anything runs."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from graphql import GraphQLError, OperationDefinitionNode, get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from gateway.execution.admission import Admission
from gateway.execution.cost import operation_cost
from gateway.execution.cost_model import CostModel
from gateway.execution.documents import Documents
from gateway.execution.limits import DEFAULT_LIMITS
from gateway.schema import build_schema
from tests.gateway.conftest import Gateway, open_gateway
from tests.support.api import SEARCH
from tests.support.gateway.scripted import Scripts

MODEL = CostModel(build_schema()._schema)  # noqa: SLF001 - strawberry gives it no other name

ALL_FRANCE = """%s: search(criteria: {romes: ["D1102"], zone: {france: true}}) { formations(first: 100) {
  edges { node { id rendezVous { nextCreneaux(first: 50) { id start end } } } } } }"""


def cost(query: str, enough: float = inf, **variables: Any) -> int:
    document = parse(query)
    [operation] = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    return operation_cost(MODEL, document, operation, variables, enough)


METIERS = 60
"""The points of a suggestion itself."""


@pytest.mark.parametrize(
    ("query", "variables", "points"),
    [
        ("{ __typename }", {}, 0),
        ('{ metiers(texte: "b", first: 7) { libelle } }', {}, METIERS + 7),
        ('{ metiers(texte: "b") { libelle } }', {}, METIERS + 10),
        ('{ metiers(texte: "b", first: 7) { libelle romes { code } } }', {}, METIERS + 7 * (1 + 5)),
        ('{ a: metiers(texte: "", first: 1) { diplome } metiers(texte: "", first: 1) { diplome } }', {}, 122),
        ('{ metiers(texte: "b", first: 1) { libelle } metiers(texte: "b", first: 1) { diplome } }', {}, 61),
        ('query($n: Int!) { metiers(texte: "b", first: $n) { libelle } }', {"n": 3}, METIERS + 3),
        ('query($n: Int! = 4) { metiers(texte: "b", first: $n) { libelle } }', {}, METIERS + 4),
        ('query($n: Int) { metiers(texte: "b", first: $n) { libelle } }', {"n": None}, METIERS),
        ('query($n: Int!) { metiers(texte: "b", first: $n) { libelle } }', {"n": "x"}, METIERS),
        ('query($n: Int!) { metiers(texte: "b", first: $n) { libelle } }', {"n": 10**12}, METIERS + 100),
        ('{ metiers(texte: "b", first: -3) { libelle } }', {}, METIERS),
        ('{ metiers(texte: "b", first: %s) { libelle } }' % ("9" * 5_000), {}, METIERS + 100),
        ('{ metiers(texte: "b", first: 2) { ...M } } fragment M on Metier { romes { code } }', {}, 72),
        # A connection has as many edges as its argument says, and each has a node.
        ("{ search(criteria: {}) { besoins(first: 5) { totalCount } } }", {}, 10 + 1 + 100 + 1),
        ("{ search(criteria: {}) { besoins(first: 5) { edges { node { id } } } } }", {}, 112 + 5 * 2),
        # Of the types of an employer, the dearest counts: here the recruiter, with its reasons.
        (
            """{ search(criteria: {}) { employeurs(first: 1) { edges { node { id
              ... on Offre { contrat { type } } ... on RecruteurProbable { raisons { poids } } } } } } }""",
            {},
            10 + 1 + 350 + 1 + 2 + (5 + 5),
        ),
        # What the schema does not know costs nothing; validation refuses it.
        ("{ nothing { at { all } } ...Unknown }", {}, 0),
        ("subscription { a }", {}, 0),
    ],
)  # fmt: skip
def test_cost_is_the_sum_of_fields_and_objects(query: str, variables: dict[str, Any], points: int) -> None:
    assert cost(query, **variables) == points


def test_search_page_and_introspection_pass_with_room_to_spare() -> None:
    assert cost(SEARCH) < DEFAULT_LIMITS.max_cost / 3
    assert cost(get_introspection_query(specified_by_url=True)) < DEFAULT_LIMITS.max_cost / 3


def test_estimate_stops_once_it_is_enough() -> None:
    attack = "{" + " ".join(ALL_FRANCE % f"a{number}" for number in range(29)) + "}"

    assert cost(attack) > 100_000
    assert 10_000 < cost(attack, 10_000) < 20_000


@given(first=st.integers(-(10**9), 10**9), more=st.integers(0, 10**6))
def test_more_rows_never_cost_less(first: int, more: int) -> None:
    query = "query($n: Int!) { search(criteria: {}) { formations(first: $n) { edges { node { id } } } } }"

    assert cost(query, n=first) <= cost(query, n=first + more)


async def test_an_operation_that_costs_too_much_is_refused_before_anything_runs(gateway: Gateway) -> None:
    attack = "{" + " ".join(ALL_FRANCE % f"a{number}" for number in range(29)) + "}"

    for _ in range(3):
        response = await gateway.post(attack)
        answer = await response.json()

        assert set(answer) == {"errors"}
        [error] = answer["errors"]
        assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": "cost"}
        assert "10000" in error["message"]
    assert not gateway.scripts.calls


async def test_a_variable_changes_the_cost_of_a_known_document(scripts: Scripts) -> None:
    query = 'query($n: Int! = 10) { metiers(texte: "b", first: $n) { libelle } }'
    async with open_gateway(scripts, max_cost=METIERS + 20) as gateway:

        async def code(**variables: Any) -> str | None:
            answer = await gateway.ask(query, **variables)
            return answer["errors"][0]["extensions"]["code"] if "errors" in answer else None

        for _ in range(2):
            assert [await code(n=20), await code(n=21), await code(n=20), await code()] == [
                None, "LIMIT_EXCEEDED", None, None
            ]  # fmt: skip
        # Values that are no whole number are refused by name, and change nothing for those that are.
        assert await code(n="") == "BAD_USER_INPUT"
        assert await code(n=True) == "BAD_USER_INPUT"
        assert await code(n={"a": 1}) == "BAD_USER_INPUT"
        assert await code(n=21) == "LIMIT_EXCEEDED"


async def test_cost_is_told_to_who_asks(gateway: Gateway) -> None:
    body: dict[str, Any] = {"query": '{ metiers(texte: "b", first: 5) { libelle } }'}

    for _ in range(3):
        silent = await (await gateway.client.post("/graphql", json=body)).json()
        told = await (
            await gateway.client.post("/graphql", json=body | {"extensions": {"cost": True}})
        ).json()

        assert "extensions" not in silent
        assert told["extensions"] == {"cost": {"requested": METIERS + 5, "max": 10_000}}


async def test_a_refused_operation_is_refused_again_and_others_of_its_text_are_not(gateway: Gateway) -> None:
    attack = "{" + " ".join(ALL_FRANCE % f"a{number}" for number in range(29)) + "}"
    named = f"query Dear {attack} query Cheap {{ __typename }}"

    async def send(query: str, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await (
            await gateway.client.post("/graphql", json={"query": query, **more})
        ).json()
        return answer

    first, again = await send(attack), await send(attack)
    assert first == again
    assert first["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": "cost"}
    # Another operation of the same text is judged on its own.
    for _ in range(2):
        assert "errors" in await send(named, operationName="Dear")
        assert await send(named, operationName="Cheap") == {"data": {"__typename": "Query"}}


def test_only_refusals_that_no_variable_changes_are_remembered() -> None:
    documents = Documents(size=2)
    admission = Admission(MODEL, DEFAULT_LIMITS, documents)
    error = GraphQLError("no", extensions={"code": "LIMIT_EXCEEDED"})

    def refuse(text: str) -> bool:
        [operation] = parse(text).definitions
        assert isinstance(operation, OperationDefinitionNode)
        admission.refuse(text, None, operation, error)
        return admission.refusal(text, None) is not None

    assert refuse("query($t: String!) { metiers(texte: $t) { libelle } }")
    assert not refuse('query($n: Int!) { metiers(texte: "b", first: $n) { libelle } }')
    assert not refuse('query($n: Int) { metiers(texte: "b", first: $n) { libelle } }')
    assert refuse("{ a }")
    assert refuse("{ b }")
    # The oldest one is forgotten.
    assert admission.refusal("query($t: String!) { metiers(texte: $t) { libelle } }", None) is None
