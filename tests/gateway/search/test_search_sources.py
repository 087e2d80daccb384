from __future__ import annotations

import asyncio
from typing import Any

import pytest

from protos import catalogue_pb2, geo_pb2, jobs_pb2, matcha_pb2, prediction_pb2
from services.common.errors import DeadlineExceeded, UpstreamUnavailable
from tests.gateway.conftest import Gateway, every_mode, open_gateway
from tests.support.gateway.scripted import Scripts
from tests.support.gateway.searches import PARIS, SEARCH


def _states(answer: dict[str, Any]) -> dict[str, str]:
    return {row["name"]: row["status"] for row in answer["data"]["search"]["sources"]}


@every_mode
@pytest.mark.parametrize(
    ("method", "source", "field"),
    [
        ("SearchFormations", "FORMATIONS", "formations"),
        ("SearchBesoins", "BESOINS", "besoins"),
        ("SearchOffres", "OFFRES", "offres"),
        ("SearchRecruteurs", "RECRUTEURS", "recruteurs"),
    ],
)
async def test_a_source_that_fails_gives_null_and_the_others_answer(
    gateway: Gateway, method: str, source: str, field: str
) -> None:
    gateway.scripts.fail(method, UpstreamUnavailable("the store of secrets is at 10.0.0.1"))

    answer = await gateway.ask(
        """{ search(criteria: {romes: ["D1102"]}) { formations { totalCount } besoins { totalCount }
             offres { totalCount } recruteurs { totalCount } sources { name status } } }"""
    )

    search = answer["data"]["search"]
    assert {name for name, value in search.items() if value is None} == {field}
    assert {row["name"]: row["status"] for row in search["sources"]} == {
        name: "UNAVAILABLE" if name == source else "OK"
        for name in ("FORMATIONS", "BESOINS", "OFFRES", "RECRUTEURS")
    } | {"RENDEZ_VOUS": "NOT_ASKED"}
    [error] = answer["errors"]
    assert error["path"] == ["search", field]
    assert error["extensions"] == {"code": "SOURCE_UNAVAILABLE"}
    assert "10.0.0.1" not in str(answer)


@every_mode
async def test_a_merged_list_says_which_of_its_sources_are_missing(gateway: Gateway) -> None:
    besoin = matcha_pb2.BesoinEdge(cursor="1", node=matcha_pb2.BesoinMatcha(id="b", romes=["D1102"]))
    gateway.scripts.answer("SearchBesoins", matcha_pb2.SearchBesoinsResponse(edges=[besoin]))
    gateway.scripts.fail("SearchOffres", UpstreamUnavailable("at 10.0.0.1"))
    gateway.scripts.fail("SearchRecruteurs", DeadlineExceeded("late"))
    query = """query Q($romes: [String!]) { search(criteria: {romes: $romes}) {
      ofAll: employeurs { edges { node { id } } } sources { name status } } }"""

    answer = await gateway.ask(query, romes=["D1102"])

    assert answer["data"]["search"]["ofAll"]["edges"] == [{"node": {"id": "QmVzb2luTWF0Y2hhOmI="}}]
    errors = {error["extensions"]["source"]: error for error in answer["errors"]}
    assert len(answer["errors"]) == 2
    assert {name: error["extensions"]["code"] for name, error in errors.items()} == {
        "OFFRES": "SOURCE_UNAVAILABLE",
        "RECRUTEURS": "TIMEOUT",
    }
    assert all(error["path"] == ["search", "ofAll"] for error in answer["errors"])
    assert all(error["locations"] == [{"line": 2, "column": 7}] for error in answer["errors"])
    message = errors["OFFRES"]["message"]
    assert message.startswith("Il manque à cette liste les offres d'emploi de France Travail. ")
    assert "10.0.0.1" not in str(answer)
    assert _states(answer)["OFFRES"] == "UNAVAILABLE"


@every_mode
async def test_a_merged_list_without_any_source_is_null_and_says_each(gateway: Gateway) -> None:
    for method in ("SearchBesoins", "SearchOffres", "SearchRecruteurs"):
        gateway.scripts.fail(method, UpstreamUnavailable("away"))

    answer = await gateway.ask('{ search(criteria: {romes: ["D1102"]}) { employeurs { totalCount } } }')

    assert answer["data"] == {"search": {"employeurs": None}}
    assert [(error["path"], error["extensions"]["source"]) for error in answer["errors"]] == [
        (["search", "employeurs"], name) for name in ("BESOINS", "OFFRES", "RECRUTEURS")
    ]


@every_mode
async def test_errors_beside_data_are_of_one_request(gateway: Gateway) -> None:
    gateway.scripts.fail("SearchOffres", UpstreamUnavailable("away"))
    query = '{ search(criteria: {romes: ["D1102"]}) { employeurs { totalCount } } }'
    await gateway.ask(query)
    gateway.scripts.answer("SearchOffres", jobs_pb2.SearchOffresResponse())

    assert "errors" not in await gateway.ask(query)


@pytest.mark.slow
async def test_a_slow_source_is_given_up_at_the_end_of_the_budget(scripts: Scripts) -> None:
    async def never(_: Any) -> jobs_pb2.SearchOffresResponse:
        await asyncio.Event().wait()
        raise AssertionError

    scripts.by_method["SearchOffres"] = never

    async with open_gateway(scripts, budget_s=1.0) as gateway:
        answer = await gateway.ask(
            '{ search(criteria: {romes: ["D1102"]}) { offres { totalCount } besoins { totalCount } '
            "sources { name status } } }"
        )

    search = answer["data"]["search"]
    assert search["offres"] is None
    assert search["besoins"] == {"totalCount": 0}
    assert {row["name"]: row["status"] for row in search["sources"]}["OFFRES"] == "TIMEOUT"
    assert answer["errors"][0]["extensions"]["code"] == "TIMEOUT"


@every_mode
async def test_a_partial_source_is_shown_as_partial(gateway: Gateway) -> None:
    gateway.scripts.answer("SearchOffres", jobs_pb2.SearchOffresResponse(partial="Trop d'offres."))

    answer = await gateway.ask(
        '{ search(criteria: {romes: ["D1102"]}) { offres { totalCount } sources { name status message } } }'
    )

    row = answer["data"]["search"]["sources"][2]
    assert row == {"name": "OFFRES", "status": "PARTIAL", "message": "Trop d'offres."}


@every_mode
async def test_an_invalid_answer_is_a_failing_source(gateway: Gateway) -> None:
    async def lie(_: Any) -> Any:
        return b"\xff\xff not a message"

    gateway.scripts.by_method["SearchOffres"] = lie

    answer = await gateway.ask(
        '{ search(criteria: {romes: ["D1102"]}) { offres { totalCount } sources { name status } } }'
    )

    assert answer["data"]["search"]["offres"] is None
    assert answer["data"]["search"]["sources"][2]["status"] == "UNAVAILABLE"


async def test_employers_need_a_job_and_the_sources_say_so(gateway: Gateway) -> None:
    answer = await gateway.ask(
        "query Q($zone: ZoneInput) { search(criteria: {zone: $zone}) "
        "{ formations { totalCount } employeurs { totalCount } sources { name status message } } }",
        zone=PARIS,
    )

    search = answer["data"]["search"]
    assert search["employeurs"] is None
    assert search["sources"][1]["status"] == "NOT_ASKED"
    assert "romes" in search["sources"][1]["message"]
    assert "errors" not in answer


async def test_without_the_catalogue_a_circle_is_still_searched(gateway: Gateway) -> None:
    for method in ("GetRomes", "SearchFormations", "ResolveZone"):
        gateway.scripts.fail(method, UpstreamUnavailable("away"))

    answer = await gateway.ask(SEARCH, romes=["D1102"], lieu=PARIS)

    search = answer["data"]["search"]
    assert search["formations"] is None
    assert search["employeurs"] == {"edges": []}


async def test_a_zone_resolved_before_is_known_while_the_catalogue_is_away(gateway: Gateway) -> None:
    zone = geo_pb2.Zone(departements=["2A", "2B"])
    gateway.scripts.answer("ResolveZone", catalogue_pb2.ResolveZoneResponse(zone=zone, libelle="Corse"))
    query = '{ search(criteria: {romes: ["D1102"], zone: {departement: "20"}}) { besoins { totalCount } } }'
    await gateway.ask(query)
    gateway.scripts.fail("ResolveZone", UpstreamUnavailable("away"))

    answer = await gateway.ask(query)

    assert answer["data"]["search"]["besoins"] == {"totalCount": 0}
    requests = [message for name, message in gateway.scripts.calls if name == "SearchBesoins"]
    assert [
        list(r.zone.departements) for r in requests if isinstance(r, matcha_pb2.SearchBesoinsRequest)
    ] == [
        ["2A", "2B"],
        ["2A", "2B"],
    ]


@pytest.mark.slow
async def test_a_catalogue_that_hangs_leaves_the_other_sources_their_time(scripts: Scripts) -> None:
    async def never(_: Any) -> catalogue_pb2.GetRomesResponse:
        await asyncio.Event().wait()
        raise AssertionError

    for method in ("GetRomes", "SearchFormations"):
        scripts.by_method[method] = never

    async with open_gateway(scripts, budget_s=2.0) as gateway:
        answer = await gateway.ask(SEARCH, romes=["D1102"], lieu=PARIS)

    search = answer["data"]["search"]
    assert {row["name"]: row["status"] for row in search["sources"]} == {
        "FORMATIONS": "TIMEOUT",
        "BESOINS": "OK",
        "OFFRES": "OK",
        "RECRUTEURS": "OK",
        "RENDEZ_VOUS": "NOT_ASKED",
    }


@every_mode
async def test_an_invalid_row_is_a_failing_source(gateway: Gateway) -> None:
    async def lie(_: Any) -> Any:
        good = prediction_pb2.RecruteurEdge(cursor="c", node=prediction_pb2.RecruteurProbable(siret="1"))
        # A row with invalid UTF-8, in an answer that is otherwise valid.
        wrong = good.SerializeToString().replace(b"\x0a\x011", b"\x0a\x01\xff")
        rows = b"".join(b"\x0a" + bytes([len(row)]) + row for row in (good.SerializeToString(), wrong))
        return rows + b"\x10\x02"

    gateway.scripts.by_method["SearchRecruteurs"] = lie

    answer = await gateway.ask(
        '{ search(criteria: {romes: ["D1102"]}) { recruteurs { totalCount edges { node { siret } } } '
        "employeurs { totalCount edges { node { id } } } sources { name status } } }"
    )

    assert answer["data"]["search"]["recruteurs"] is None
    assert answer["data"]["search"]["employeurs"]["totalCount"] == 0
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"SOURCE_UNAVAILABLE"}
    assert answer["data"]["search"]["sources"][3] == {"name": "RECRUTEURS", "status": "UNAVAILABLE"}
