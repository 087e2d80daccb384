"""One source down, slow or lying: the others still answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.api import PARIS_30_KM, Api, states
from tests.support.breakable import Breakable

QUERY = """query Q($zone: ZoneInput!) { search(criteria: {romes: ["D1102"], zone: $zone}) {
  formations(first: 3) { totalCount edges { node { id rendezVous { open } } } }
  besoins(first: 3) { totalCount } offres(first: 3) { totalCount } recruteurs(first: 3) { totalCount }
  employeurs(first: 3) { totalCount }
  sources { name status elapsedMs message } } }"""

FIELD = {"catalogue": "formations", "matcha": "besoins", "jobs": "offres", "prediction": "recruteurs"}


async def _ask(api: Api) -> dict[str, Any]:
    return await api.post(QUERY, zone=PARIS_30_KM)


def _check_only_missing(answer: dict[str, Any], field: str, status: str, code: str) -> None:
    search = answer["data"]["search"]
    assert {name for name in search if search[name] is None} == {field}
    assert states(answer) == {
        name: status if name == field.upper() else "OK"
        for name in ("FORMATIONS", "BESOINS", "OFFRES", "RECRUTEURS")
    } | {"RENDEZ_VOUS": "NOT_ASKED" if field == "formations" else "OK"}
    row = next(row for row in search["sources"] if row["name"] == field.upper())
    assert row["message"]
    lists = [field] if field == "formations" else [field, "employeurs"]
    assert [error["path"] for error in answer["errors"]] == [["search", name] for name in lists]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}
    assert search["employeurs"]["totalCount"] > 0


@pytest.mark.parametrize("service", FIELD)
async def test_a_service_that_is_down_is_missing_alone_and_comes_back(
    broken_api: Api, ways: dict[str, Breakable], service: str
) -> None:
    await ways[service].close()

    _check_only_missing(await _ask(broken_api), FIELD[service], "UNAVAILABLE", "SOURCE_UNAVAILABLE")

    await ways[service].mend()
    async with asyncio.timeout(60):
        # The list and the merged list ask on their own: one of them may find the service back first.
        while set(states(answer := await _ask(broken_api)).values()) != {"OK"}:
            await asyncio.sleep(0.05)
    assert "errors" not in answer


@pytest.mark.parametrize("service", FIELD)
async def test_a_service_that_hangs_is_given_up_within_the_budget(
    broken_api: Api, ways: dict[str, Breakable], service: str
) -> None:
    ways[service].hold()

    answer = await _ask(broken_api)

    _check_only_missing(answer, FIELD[service], "TIMEOUT", "TIMEOUT")


@pytest.mark.parametrize("service", FIELD)
async def test_a_service_that_speaks_something_else_is_missing_alone(
    broken_api: Api, ways: dict[str, Breakable], service: str
) -> None:
    await ways[service].noise()

    _check_only_missing(await _ask(broken_api), FIELD[service], "UNAVAILABLE", "SOURCE_UNAVAILABLE")


async def test_a_service_that_hangs_for_long_is_no_longer_waited_for(
    broken_api: Api, ways: dict[str, Breakable]
) -> None:
    ways["jobs"].hold()

    # The first one waits for the whole budget; among the later ones, one is a trial now and then.
    seen = [states(await _ask(broken_api))["OFFRES"] for _ in range(8)]

    assert seen[0] == "TIMEOUT"
    assert "UNAVAILABLE" in seen


@pytest.mark.parametrize("how", ["close", "hold"])
async def test_without_appointments_the_trainings_are_still_shown(
    broken_api: Api, ways: dict[str, Breakable], how: str
) -> None:
    if how == "close":
        await ways["rdv"].close()
    else:
        ways["rdv"].hold()

    answer = await _ask(broken_api)

    edges = answer["data"]["search"]["formations"]["edges"]
    assert len(edges) == 3
    assert all(edge["node"]["rendezVous"] is None for edge in edges)
    down = "UNAVAILABLE" if how == "close" else "TIMEOUT"
    assert states(answer) == dict.fromkeys(map(str.upper, FIELD.values()), "OK") | {"RENDEZ_VOUS": down}
    paths = [error["path"] for error in answer["errors"]]
    assert sorted(paths) == [
        ["search", "formations", "edges", index, "node", "rendezVous"] for index in range(3)
    ]


async def test_with_everything_down_the_answer_says_so(broken_api: Api, ways: dict[str, Breakable]) -> None:
    for way in ways.values():
        await way.close()

    answer = await _ask(broken_api)

    assert states(answer) == dict.fromkeys(map(str.upper, FIELD.values()), "UNAVAILABLE") | {
        "RENDEZ_VOUS": "NOT_ASKED"
    }
    assert {tuple(error["path"]) for error in answer["errors"]} == {
        ("search", name) for name in ("formations", "besoins", "offres", "recruteurs", "employeurs")
    }
    status, body = await broken_api.inspect("/ready")
    assert status == 200  # the gateway itself is fit to serve: other gateways would do no better
    assert '"degraded"' in body
