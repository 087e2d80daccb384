from __future__ import annotations

from typing import Any

import pytest

from protos import matcha_pb2
from services.common.errors import InvalidRequest, Problem
from tests.gateway.conftest import Gateway
from tests.support.gateway.searches import PARIS

EMPLOYERS = """query Q(
  $romes: [String!], $lieu: ZoneInput, $niveau: Niveau, $after: String, $sort: EmployeurSort! = DISTANCE) {
  search(criteria: {romes: $romes, zone: $lieu, niveau: $niveau}) {
    employeurs(after: $after, sort: $sort) { pageInfo { endCursor } } } }"""


async def test_a_refusal_of_a_service_names_the_field_of_the_schema(gateway: Gateway) -> None:
    gateway.scripts.fail(
        "SearchFormations", InvalidRequest([Problem("romes[0]", "non"), Problem("after", "si")])
    )

    answer = await gateway.ask('{ search(criteria: {romes: ["D1102"]}) { formations { totalCount } } }')

    assert answer["errors"][0]["extensions"]["problems"] == [
        {"field": "criteria.romes[0]", "message": "non"},
        {"field": "after", "message": "si"},
    ]


async def test_every_problem_is_reported_at_once(gateway: Gateway) -> None:
    query = """query Q($zone: ZoneInput) {
      search(criteria: {romes: ["D9999", "x"], romeDomaine: "zz", rncps: ["12"], zone: $zone}) {
        formations(first: 10000) { totalCount }
        tous: employeurs(first: -1) { totalCount } } }"""

    answer = await gateway.ask(query, zone={"around": {"latitude": 100, "longitude": -181, "rayonKm": -1}})

    assert answer["data"] == {"search": None}
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert {problem["field"] for problem in error["extensions"]["problems"]} == {
        "criteria.romes[0]",
        "criteria.romes[1]",
        "criteria.romeDomaine",
        "criteria.rncps[0]",
        "criteria.zone.around.latitude",
        "criteria.zone.around.longitude",
        "criteria.zone.around.rayonKm",
        "formations.first",
        "tous.first",
    }


async def test_empty_criteria_are_refused(gateway: Gateway) -> None:
    answer = await gateway.ask("{ search(criteria: {}) { formations { totalCount } } }")

    [problem] = answer["errors"][0]["extensions"]["problems"]
    assert problem["field"] == "criteria"


async def _end_of_employers(gateway: Gateway) -> str:
    besoin = matcha_pb2.BesoinEdge(cursor="b", node=matcha_pb2.BesoinMatcha(id="b", romes=["D1102"]))
    gateway.scripts.answer("SearchBesoins", matcha_pb2.SearchBesoinsResponse(edges=[besoin]))
    answer = await gateway.ask(EMPLOYERS, romes=["D1102"])
    cursor: str = answer["data"]["search"]["employeurs"]["pageInfo"]["endCursor"]
    return cursor


async def test_the_merged_list_goes_on_where_each_source_was_left(gateway: Gateway) -> None:
    cursor = await _end_of_employers(gateway)

    await gateway.ask(EMPLOYERS, romes=["D1102"], after=cursor)

    afters = [
        message.after
        for _, message in gateway.scripts.calls
        if isinstance(message, matcha_pb2.SearchBesoinsRequest)
    ]
    assert afters == ["", "b"]


@pytest.mark.parametrize(
    "other",
    [
        {"romes": ["D1104"]},
        {"romes": ["D1102"], "sort": "SCORE"},
        {"romes": ["D1102"], "lieu": PARIS},
        {"romes": ["D1102"], "niveau": "NIVEAU_3"},
    ],
)
async def test_a_merged_cursor_of_another_search_or_order_is_refused(
    gateway: Gateway, other: dict[str, Any]
) -> None:
    cursor = await _end_of_employers(gateway)
    calls = gateway.scripts.called("SearchBesoins")

    answer = await gateway.ask(EMPLOYERS, **other, after=cursor)

    [problem] = answer["errors"][0]["extensions"]["problems"]
    assert problem["field"] == "after"
    assert "autre recherche" in problem["message"]
    assert gateway.scripts.called("SearchBesoins") == calls


@pytest.mark.parametrize("after", ["from elsewhere", "é", "W10", "A" * 10_000])
async def test_an_invalid_merged_cursor_is_refused(gateway: Gateway, after: str) -> None:
    answer = await gateway.ask(EMPLOYERS, romes=["D1102"], after=after)

    assert answer["data"]["search"]["employeurs"] is None
    [problem] = answer["errors"][0]["extensions"]["problems"]
    assert problem["field"] == "after"


async def test_a_merged_cursor_that_a_source_refuses_is_refused(gateway: Gateway) -> None:
    gateway.scripts.fail("SearchRecruteurs", InvalidRequest([Problem("after", "autre recherche")]))

    answer = await gateway.ask('{ search(criteria: {romes: ["D1102"]}) { employeurs { totalCount } } }')

    assert answer["errors"][0]["extensions"]["problems"] == [{"field": "after", "message": "autre recherche"}]


async def test_a_refused_filter_is_named_as_in_the_schema(gateway: Gateway) -> None:
    gateway.scripts.fail("SearchFormations", InvalidRequest([Problem("mois[0]", "non")]))

    answer = await gateway.ask(
        '{ search(criteria: {texte: "a"}) { formations(filters: {mois: ["demain"]}) { totalCount } } }'
    )

    assert answer["errors"][0]["extensions"]["problems"] == [{"field": "filters.mois[0]", "message": "non"}]


async def test_a_text_that_is_too_long_is_refused(gateway: Gateway) -> None:
    answer = await gateway.ask(
        "query Q($t: String!) { search(criteria: {texte: $t}) { formations { totalCount } } }", t="x" * 201
    )

    assert answer["errors"][0]["extensions"]["problems"][0]["field"] == "criteria.texte"
