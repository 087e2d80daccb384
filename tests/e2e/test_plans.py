"""No silent slow path: what the pages ask for is completed by plans, and the metrics say so."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bench.execution.search_page import RELAY_QUERY
from deploy.local.banner import QUERY
from gateway.execution import wire
from tests.support.api import PARIS_30_KM, SEARCH, Api

LISTS = """
query Q($lieu: ZoneInput!) { search(criteria: {romes: ["D1102"], zone: $lieu}) {
  formations(first: 50) { totalCount pageInfo { endCursor }
    edges { cursor distanceKm node { id intitule niveau lieu { commune } } } }
  recruteurs(first: 100) { edges { cursor distanceKm score romes raisons { libelle poids }
    node { id siret score raisons { poids } naf { code libelle } } } }
  offres { edges { cursor distanceKm node { id intitule contrat { type } publieeLe } } }
  besoins { edges { cursor distanceKm node { id intitule opco } } } } }
"""
MAY_BE_LEFT = {
    "Query.search": "resolver",
    "SearchResult.formations": "resolver",
    "SearchResult.recruteurs": "resolver",
    "SearchResult.offres": "resolver",
    "SearchResult.besoins": "resolver",
    "SearchResult.employeurs": "resolver",
    "SearchResult.sources": "resolver",
    "Formation.rendezVous": "resolver",
    "RendezVousFormation.nextCreneaux": "resolver",
}
"""Fields that the main queries leave to graphql-core: each of them does something."""


async def _plans(api: Api) -> dict[str, float]:
    """How many values were completed in each way."""
    _, text = await api.inspect("/metrics")
    return {how: float(count) for how, count in re.findall(r'lba_plans_total\{how="(\w+)"\} (\S+)', text)}


async def _left(api: Api) -> dict[str, str]:
    _, text = await api.inspect("/metrics")
    return dict(re.findall(r'lba_plan_fallbacks_total\{field="([\w.]+)",why="(\w+)"\}', text))


@pytest.mark.parametrize(
    "query", [QUERY, SEARCH, LISTS, RELAY_QUERY], ids=["banner", "search", "lists", "relay"]
)
async def test_the_main_queries_are_compiled(own_api: Api, query: str) -> None:
    variables: dict[str, Any] = {"romes": ["D1102"], "lieu": PARIS_30_KM}
    for _ in range(2):  # a document is compiled from its second sight
        await own_api.data(query, **variables)
    before = await _plans(own_api)
    await own_api.data(query, **variables)
    after = await _plans(own_api)

    assert (await _left(own_api)).items() <= MAY_BE_LEFT.items()
    assert after["first_sight"] == before["first_sight"]
    assert after["replayed"] == before["replayed"] == 0
    assert after["unusual_bytes"] == before["unusual_bytes"] == 0
    assert after["compiled"] > before["compiled"]
    if query == LISTS and wire.load():
        assert after["transcoded"] == before["transcoded"] + 4
