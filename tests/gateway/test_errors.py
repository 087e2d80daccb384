"""A wrong value in a request is a client error that names the argument or the variable."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.schema import build_schema
from protos import catalogue_pb2, prediction_pb2, rdv_pb2
from services.common.errors import InvalidRequest, Problem
from tests.gateway.conftest import Gateway, every_mode
from tests.support.gateway.searches import page
from tests.support.gateway.values import values

SCHEMA = build_schema()._schema  # noqa: SLF001 - strawberry gives it no other name
VALUES = list(values(SCHEMA))


@pytest.fixture(autouse=True)
def _answers(gateway: Gateway) -> None:
    """Script the answers that nested fields need: a training that takes appointments."""
    formation = catalogue_pb2.Formation(id="1")
    gateway.scripts.answer("GetFormations", catalogue_pb2.GetFormationsResponse(formations=[formation]))
    row = rdv_pb2.FormationCreneaux(formation_id="1", open=True)
    gateway.scripts.answer("ListCreneaux", rdv_pb2.ListCreneauxResponse(formations=[row]))
    gateway.scripts.answer("SearchFormations", page("1"))
    recruteur = prediction_pb2.RecruteurProbable(siret="1")
    gateway.scripts.answer("GetRecruteurs", prediction_pb2.GetRecruteursResponse(recruteurs=[recruteur]))


async def _errors(gateway: Gateway, query: str, value: Any) -> list[dict[str, Any]]:
    answer = await gateway.ask(query, value=value)
    errors: list[dict[str, Any]] = answer.get("errors", [])
    return errors


def _problems(errors: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The code of the error and the field, for each problem."""
    return [
        (error["extensions"]["code"], problem["field"])
        for error in errors
        for problem in error["extensions"].get("problems", [{"field": ""}])
    ]


@every_mode
async def test_a_null_for_a_non_null_value_is_named(gateway: Gateway) -> None:
    expected, found = {}, {}
    for value in VALUES:
        if value.non_null:
            expected[value] = [("BAD_USER_INPUT", value.path)]
            found[value] = _problems(await _errors(gateway, value.query(default=True), None))

    assert found == expected
    assert len(expected) > 40


@every_mode
async def test_a_null_for_a_nullable_value_is_no_defect(gateway: Gateway) -> None:
    found = {
        value: {code for code, _ in _problems(await _errors(gateway, value.query(default=True), None))}
        for value in VALUES
        if not value.non_null
    }

    # A field of a @oneOf type refuses a nullable variable:
    # https://spec.graphql.org/September2025/#sec-OneOf-Input-Objects
    allowed = {"BAD_USER_INPUT", "NOT_FOUND", "GRAPHQL_VALIDATION_FAILED"}
    assert {value: codes for value, codes in found.items() if codes - allowed} == {}
    assert len(found) > 20


# Strings, numbers and enums refuse an object, and input types refuse an unknown field.
@pytest.mark.parametrize("wrong", [None, {"nothing": 1}])
async def test_a_value_of_another_type_is_refused_by_its_variable(gateway: Gateway, wrong: Any) -> None:
    for value in VALUES:
        answer = await gateway.ask(value.query(default=False), value=wrong)

        assert "data" not in answer
        assert {code for code, _ in _problems(answer["errors"])} == {"BAD_USER_INPUT"}, value
        assert {field.partition("[")[0] for _, field in _problems(answer["errors"])} <= {"$value"}, value
    assert not gateway.scripts.calls


async def test_every_wrong_field_of_a_variable_is_named(gateway: Gateway) -> None:
    errors = await _errors(
        gateway,
        "query Q($value: SearchCriteriaInput!) { search(criteria: $value) { sources { name } } }",
        {"niveau": "NIVEAU_9", "romes": ["D1102", 3], "zone": {"around": {"latitude": "x", "longitude": 2}}},
    )

    assert _problems(errors) == [
        ("BAD_USER_INPUT", "$value.romes[1]"),
        ("BAD_USER_INPUT", "$value.niveau"),
        ("BAD_USER_INPUT", "$value.zone.around.latitude"),
    ]


async def test_a_wrong_member_of_a_one_of_is_the_clients_error(gateway: Gateway) -> None:
    query = "query Q($value: ZoneInput) { search(criteria: {zone: $value}) { sources { name } } }"

    errors = await _errors(gateway, query, {"departement": None})

    assert _problems(errors) == [("BAD_USER_INPUT", "variables")]
    assert "departement" in errors[0]["message"]


@pytest.mark.parametrize(
    "selection",
    [
        "__typename search(criteria: $c) { __typename sources @include(if: $value) { name } }",
        "search(criteria: $c) { formations { totalCount edges { node { id @skip(if: $value) } } } }",
        "search(criteria: $c) { formations { edges { node { id ... @include(if: $value) { intitule } } } } }",
    ],
)
async def test_a_null_condition_is_the_clients_error(gateway: Gateway, selection: str) -> None:
    criteria = selection.replace("$c", '{romes: ["D1102"]}')

    errors = await _errors(gateway, f"query Q($value: Boolean = true) {{ {criteria} }}", None)

    assert _problems(errors) == [("BAD_USER_INPUT", "if")]


async def test_a_literal_of_another_type_is_found_by_validation(gateway: Gateway) -> None:
    query = CREATE % "startLe: 20270901, "

    answer = await gateway.ask(query)

    [error] = answer["errors"]
    assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
    assert "Expected value of type 'Date'" in error["message"]
    assert "20270901" in error["message"]


async def test_an_invalid_date_is_reported_with_every_other_problem(gateway: Gateway) -> None:
    problems = [Problem("siret", "clé fausse"), Problem("start_le", "« demain » n'est pas une date")]
    gateway.scripts.fail("CreateBesoin", InvalidRequest(problems))

    answer = await gateway.ask(CREATE % 'startLe: "demain", ')

    assert answer["errors"][0]["extensions"]["problems"] == [
        {"field": "input.siret", "message": "clé fausse"},
        {"field": "input.startLe", "message": "« demain » n'est pas une date"},
    ]


CREATE = """mutation { createBesoin(input: {%s siret: "1", raisonSociale: "R", intitule: "Boulanger",
  lieu: {point: {latitude: 48.8, longitude: 2.3}}, contact: {prenom: "A", nom: "B", email: "a@b.fr"},
  romes: ["D1102"]}) { __typename } }"""
