from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from deploy.sandbox.server import API_PATH, TOKEN_PATH
from tests.support.jobs.partner import Partner, offre_simulee, running_partner

FORM = {
    "grant_type": "client_credentials",
    "client_id": "lba",
    "client_secret": "secret",
    "scope": "api_offresdemploiv2 o2dsoffre",
}
SEARCH = f"{API_PATH}/v2/offres/search"


@pytest.fixture
async def partner() -> AsyncIterator[Partner]:
    async with running_partner([offre_simulee(number) for number in range(160)]) as running:
        yield running


@pytest.fixture
async def web(partner: Partner) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(partner.url) as session:
        yield session


@pytest.fixture
async def bearer(web: aiohttp.ClientSession) -> dict[str, str]:
    async with web.post(TOKEN_PATH, params={"realm": "/partenaire"}, data=FORM) as response:
        token = (await response.json())["access_token"]
    return {"Authorization": f"Bearer {token}"}


async def test_token(web: aiohttp.ClientSession) -> None:
    async with web.post(TOKEN_PATH, params={"realm": "/partenaire"}, data=FORM) as response:
        answer = await response.json()

    assert response.status == 200
    assert answer.pop("access_token")
    assert answer == {"scope": "api_offresdemploiv2 o2dsoffre", "expires_in": 1499, "token_type": "Bearer"}


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": "other"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"scope": "api_labonneboitev1"}, "invalid_scope"),
        ({"scope": "o2dsoffre"}, "invalid_scope"),
    ],
)
async def test_token_refused(web: aiohttp.ClientSession, wrong: dict[str, str], error: str) -> None:
    async with web.post(TOKEN_PATH, params={"realm": "/partenaire"}, data=FORM | wrong) as response:
        answer = await response.json()

    assert (response.status, answer["error"]) == (400, error)
    assert answer["error_description"]


async def test_realm_is_needed(web: aiohttp.ClientSession) -> None:
    async with web.post(TOKEN_PATH, data=FORM) as response:
        assert response.status == 400


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer unknown", "Basic bGJhOnNlY3JldA=="])
async def test_without_a_good_token(web: aiohttp.ClientSession, authorization: str) -> None:
    async with web.get(SEARCH, headers={"Authorization": authorization}) as response:
        assert response.status == 401


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("0-9", (206, "offres 0-9/160", 10)),
        ("150-299", (206, "offres 150-159/160", 10)),
        ("160-200", (204, "offres -1--1/160", 0)),
    ],
)
async def test_ranges(
    web: aiohttp.ClientSession, bearer: dict[str, str], rows: str, expected: tuple[int, str, int]
) -> None:
    async with web.get(SEARCH, params={"range": rows}, headers=bearer) as response:
        body = await response.read()
        found = (await response.json())["resultats"] if body else []

    assert (response.status, response.headers["Content-Range"], len(found)) == expected
    assert bool(body) == (response.status != 204)


async def test_whole_result_is_200(web: aiohttp.ClientSession, bearer: dict[str, str]) -> None:
    params = {"minCreationDate": "2000-01-01T00:00:00Z", "motsCles": "boulangère 159"}
    async with web.get(SEARCH, params=params, headers=bearer) as response:
        assert (response.status, response.headers["Content-Range"]) == (200, "offres 0-0/1")


async def test_no_result_is_204_without_body(web: aiohttp.ClientSession, bearer: dict[str, str]) -> None:
    async with web.get(SEARCH, params={"codeROME": "A1101"}, headers=bearer) as response:
        assert (response.status, response.headers["Content-Range"]) == (204, "*/0")
        assert await response.read() == b""


async def test_bad_parameter_is_400_with_a_message(
    web: aiohttp.ClientSession, bearer: dict[str, str]
) -> None:
    async with web.get(SEARCH, params={"commune": "75056"}, headers=bearer) as response:
        answer = await response.json()

    assert response.status == 400
    assert answer == {
        "codeHttp": 400,
        "codeErreur": "PARAMETRE_INCORRECT",
        "message": "Valeur du paramètre « commune » incorrecte : 75056.",
    }


@pytest.mark.parametrize(("offre_id", "status"), [("SIM00001", 200), ("SIM99999", 204), ("a-b", 400)])
async def test_detail(web: aiohttp.ClientSession, bearer: dict[str, str], offre_id: str, status: int) -> None:
    async with web.get(f"{API_PATH}/v2/offres/{offre_id}", headers=bearer) as response:
        assert response.status == status


async def test_quota(web: aiohttp.ClientSession, partner: Partner, bearer: dict[str, str]) -> None:
    partner.sandbox.bucket.capacity = 10
    while partner.sandbox.bucket.take():
        pass
    async with web.get(SEARCH, headers=bearer) as response:
        assert response.status == 429
        assert response.content_type == "text/plain"
        assert response.headers["Retry-After"] == "1"
        assert response.headers["X-Ratelimit-Burst-Capacity-Clientidlimiter"] == "10"
        assert response.headers["X-Ratelimit-Remaining-Clientidlimiter"] == "0"


async def test_page_that_the_offer_links_to(web: aiohttp.ClientSession, bearer: dict[str, str]) -> None:
    async with web.get(f"{API_PATH}/v2/offres/SIM00001", headers=bearer) as response:
        url = (await response.json())["origineOffre"]["urlOrigine"]
    async with aiohttp.request("GET", url) as page:
        assert page.status == 200
        assert "Offre simulée" in await page.text()


async def test_faults_are_set_shown_suffered_and_cleared(
    web: aiohttp.ClientSession, bearer: dict[str, str]
) -> None:
    async def statuses(count: int) -> list[int]:
        answers = []
        for _ in range(count):
            async with web.get(SEARCH, headers=bearer) as response:
                answers.append(response.status)
        return answers

    faults: dict[str, Any] = {"status": 503, "times": 2}
    async with web.put("/sandbox/faults", json=faults) as response:
        assert (response.status, await response.json()) == (200, faults)
    assert await statuses(3) == [503, 503, 206]
    async with web.put("/sandbox/faults", json={"errorRate": 1}) as response:
        assert response.status == 200
    assert await statuses(2) == [500, 500]
    async with web.delete("/sandbox/faults") as response:
        assert response.status == 204
    assert await statuses(1) == [206]
    async with web.delete("/sandbox/tokens") as response:
        assert response.status == 204
    assert await statuses(1) == [401]


async def test_unknown_fault_is_refused(web: aiohttp.ClientSession) -> None:
    async with web.put("/sandbox/faults", json={"mood": "bad"}) as response:
        assert response.status == 400
        assert "mood" in await response.text()
