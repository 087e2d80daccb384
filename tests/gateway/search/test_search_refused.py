from __future__ import annotations

from services.common.errors import InvalidRequest, Problem
from tests.gateway.conftest import Gateway
from tests.support.gateway.searches import SEARCH, page


async def test_a_refusal_of_a_service_names_the_field_of_the_schema(gateway: Gateway) -> None:
    gateway.scripts.fail(
        "SearchFormations", InvalidRequest([Problem("romes[0]", "non"), Problem("after", "si")])
    )

    answer = await gateway.ask('{ search(criteria: {romes: ["D1102"]}) { formations { totalCount } } }')

    assert answer["errors"][0]["extensions"]["problems"] == [
        {"field": "criteria.romes[0]", "message": "non"},
        {"field": "after", "message": "si"},
    ]


async def test_every_problem_is_said_at_once(gateway: Gateway) -> None:
    query = """query Q($zone: ZoneInput) {
      search(criteria: {romes: ["D9999", "x"], romeDomaine: "zz", rncps: ["12"], zone: $zone}) {
        formations(first: 10000) { totalCount }
        employeurs(first: -1, after: "from elsewhere") { totalCount } } }"""

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
        "employeurs.first",
        "employeurs.after",
    }


async def test_empty_criteria_are_refused(gateway: Gateway) -> None:
    answer = await gateway.ask("{ search(criteria: {}) { formations { totalCount } } }")

    [problem] = answer["errors"][0]["extensions"]["problems"]
    assert problem["field"] == "criteria"


async def test_a_cursor_of_another_list_is_refused(gateway: Gateway) -> None:
    gateway.scripts.answer("SearchFormations", page("a", has_next_page=True))
    answer = await gateway.ask(SEARCH, romes=["D1102"])
    cursor = answer["data"]["search"]["formations"]["pageInfo"]["endCursor"]

    refused = await gateway.ask(
        'query Q($after: String) { search(criteria: {romes: ["D1102"]}) '
        "{ offres(after: $after) { totalCount } } }",
        after=cursor,
    )

    assert refused["errors"][0]["extensions"]["problems"][0]["field"] == "after"
    assert gateway.scripts.called("SearchOffres") == 1  # by the first query's employeurs


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
