"""Clients that leave and ask the same again, as every autocompletion does, get their answers."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random
from typing import Any

import aiohttp
import pytest

from protos import catalogue_pb2
from tests.gateway.conftest import open_gateway
from tests.support.gateway.scripted import Scripts

TEXTS = ("bo", "bou", "boul")
UNLIMITED: dict[str, Any] = {
    "caller_points": 0,
    "max_running": 100,
    "max_waiting": 1000,
    "max_running_per_caller": 100,
    "max_waiting_per_caller": 1000,
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
async def test_whoever_stays_is_answered(scripts: Scripts, seed: int) -> None:
    random = Random(seed)

    async def late(_: Any) -> catalogue_pb2.SuggestMetiersResponse:
        await asyncio.sleep(random.uniform(0, 0.02))
        return catalogue_pb2.SuggestMetiersResponse(metiers=[catalogue_pb2.Metier(libelle="Boulanger")])

    scripts.by_method["SuggestMetiers"] = late
    async with open_gateway(scripts, **UNLIMITED) as gateway:
        url = gateway.client.make_url("/graphql")

        async def ask(session: aiohttp.ClientSession, texte: str) -> Any:
            body = {
                "query": "query($t: String!) { metiers(texte: $t) { libelle } }",
                "variables": {"t": texte},
            }
            async with session.post(url, json=body) as response:
                return response.status, await response.json()

        async def client() -> list[Any]:
            answers = []
            async with aiohttp.ClientSession() as session:
                for _ in range(15):
                    texte = random.choice(TEXTS)
                    leaver = asyncio.create_task(ask(session, texte))
                    await asyncio.wait({leaver}, timeout=random.uniform(0, 0.02))
                    leaver.cancel()
                    with suppress(asyncio.CancelledError):
                        await leaver
                    answers.append(await ask(session, texte))
            return answers

        answers = [answer for each in await asyncio.gather(*(client() for _ in range(12))) for answer in each]

    assert answers == [(200, {"data": {"metiers": [{"libelle": "Boulanger"}]}})] * (12 * 15)
