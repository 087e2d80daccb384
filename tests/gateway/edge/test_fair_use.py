"""How many points a caller may spend."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import pytest

from gateway.edge.callers import Caller
from gateway.edge.fair_use import FairUse
from tests.gateway.conftest import Gateway, open_gateway
from tests.support.gateway.scripted import Scripts

QUERY = '{ metiers(texte: "b", first: 10) { libelle } }'
READING = 1 + len(json.dumps({"query": QUERY, "variables": {}})) // 20
POINTS = READING + 60 + 10
"""What a request costs: to read it, and to run it."""

KEY = "a-partner-s-key"
PARTNERS = {"onisep": hashlib.sha256(KEY.encode()).hexdigest()}


def test_a_caller_spends_its_own_share_and_no_more() -> None:
    fair_use = FairUse(100, 0)
    one, other = Caller("one"), Caller("other")

    assert [fair_use.spend(one, 40) for _ in range(3)] == [True, True, False]
    # What was refused was not taken.
    assert fair_use.spend(one, 20)
    assert not fair_use.spend(one, 1)
    assert fair_use.spend(other, 100)


def test_the_share_and_the_wait_are_told() -> None:
    fair_use = FairUse(100, 0)
    caller = Caller("one")
    before = fair_use.share(caller)
    fair_use.spend(caller, 30)
    after = fair_use.share(caller)

    assert before is not None
    assert after is not None
    assert (before.remaining, after.remaining, after.limit) == (100, 70, 100)
    assert 1 <= after.reset_s <= 10
    assert 1 <= fair_use.wait_s(caller, 71) <= 10


def test_partners_have_a_share_of_their_own_and_zero_is_no_limit() -> None:
    fair_use = FairUse(10, 0)

    assert fair_use.spend(Caller("p", partner="onisep"), 10**9)
    assert fair_use.share(Caller("p", partner="onisep")) is None
    assert not fair_use.spend(Caller("a"), 11)


async def _statuses(gateway: Gateway, times: int, headers: dict[str, str] | None = None) -> list[int]:
    return [(await gateway.post(QUERY, headers)).status for _ in range(times)]


async def test_a_caller_without_points_gets_429_and_when_to_come_back(scripts: Scripts) -> None:
    async with open_gateway(scripts, caller_points=2 * POINTS + 20) as gateway:
        response = await gateway.post(QUERY)
        assert response.headers["RateLimit-Limit"] == str(2 * POINTS + 20)
        assert response.headers["RateLimit-Remaining"] == str(POINTS + 20)
        assert (await gateway.post(QUERY)).status == 200
        calls = len(scripts.calls)

        refused = await gateway.post(QUERY)

        assert refused.status == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 10
        answer = await refused.json()
        assert "data" not in answer
        [error] = answer["errors"]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert len(scripts.calls) == calls
        # What costs less still passes, until no point is left even for the request itself.
        statuses = [(await gateway.post("{ __typename }")).status for _ in range(15)]
        assert statuses[0] == 200
        assert statuses[-1] == 429
        assert (await gateway.client.get("/health")).status == 200


async def test_malformed_requests_cost_points_too(scripts: Scripts) -> None:
    async with open_gateway(scripts, caller_points=10) as gateway:
        statuses = [
            (
                await gateway.client.post("/graphql", data=b"{", headers={"content-type": "application/json"})
            ).status
            for _ in range(12)
        ]

    assert statuses == [400] * 10 + [429] * 2


async def test_a_partner_is_not_held_to_the_share_of_its_address(scripts: Scripts) -> None:
    settings: dict[str, Any] = {"caller_points": POINTS, "api_keys": PARTNERS}
    async with open_gateway(scripts, **settings) as gateway:
        assert await _statuses(gateway, 2) == [200, 429]
        assert await _statuses(gateway, 3, {"X-API-Key": KEY}) == [200, 200, 200]

        refused = await gateway.post(QUERY, {"X-API-Key": "other"})

        assert refused.status == 401
        assert (await refused.json())["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_services_know_the_caller_by_an_opaque_name(scripts: Scripts) -> None:
    async with open_gateway(scripts, api_keys=PARTNERS) as gateway:
        for headers in ({}, {"X-API-Key": KEY}, {}):
            await gateway.post(QUERY, headers)

    names = [metadata["x-caller"] for metadata in scripts.metadata]
    assert names[0] == names[2] != names[1]
    assert "127.0.0.1" not in "".join(names)


@pytest.mark.parametrize("forwarded", ["198.51.100.7", "198.51.100.8"])
async def test_clients_behind_a_trusted_proxy_have_a_share_each(scripts: Scripts, forwarded: str) -> None:
    settings: dict[str, Any] = {"caller_points": POINTS, "trusted_proxies": ["127.0.0.0/8"]}
    async with open_gateway(scripts, **settings) as gateway:
        assert await _statuses(gateway, 2, {"X-Forwarded-For": forwarded}) == [200, 429]
        assert await _statuses(gateway, 1, {"X-Forwarded-For": "203.0.113.9"}) == [200]


async def test_who_asks_too_much_waits_for_its_refusal_and_others_do_not(scripts: Scripts) -> None:
    settings: dict[str, Any] = {"caller_points": 5, "refusal_delay_s": 3600, "api_keys": PARTNERS}
    async with open_gateway(scripts, **settings) as gateway:
        refused = asyncio.create_task(gateway.post(QUERY))
        assert (await gateway.post(QUERY, {"X-API-Key": KEY})).status == 200

        assert not refused.done()
        refused.cancel()
        await asyncio.wait({refused})
