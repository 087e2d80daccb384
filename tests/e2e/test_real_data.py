"""The query that everything serves, on the real open data, against a computation of its own."""

from __future__ import annotations

import csv
import gzip
import math
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.conftest import System, until_ready
from tests.support.api import PARIS_30_KM, SEARCH, Api, states

PARIS = (48.8566, 2.3522)

PAGE = """query Q($zone: ZoneInput!, $after: String) { search(criteria: {romes: ["D1102"], zone: $zone}) {
  formations(first: 8, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { distanceKm
    node { intitule etablissement { siret } lieu { point { latitude longitude } } } } } } }"""


@pytest.fixture(scope="session")
def started_on_real_data(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    system = System(tmp_path_factory.mktemp("real") / "state", str(real_data))
    system.start()
    yield system
    system.stop()


@pytest.fixture
async def real_api(started_on_real_data: System) -> AsyncIterator[Api]:
    await until_ready(started_on_real_data)
    async with aiohttp.ClientSession() as session:
        yield Api(session, f"http://127.0.0.1:{started_on_real_data.port}")


def _distance_km(latitude: float, longitude: float) -> float:
    """Spherical law of cosines: not the formula of the services."""
    a, b = map(math.radians, (PARIS[0], latitude))
    turn = math.radians(longitude - PARIS[1])
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(turn)
    return 6371.0088 * math.acos(max(-1.0, min(1.0, cosine)))


def _expected(real_data: Path) -> dict[tuple[str, str, float, float], float]:
    """Distance of each bakery training of the export in the circle."""
    with gzip.open(real_data / "formations.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        rows = [
            row
            for row in csv.DictReader(lines)
            if row["published"] == "1" and "D1102" in row["romes"].split("|") and row["latitude"]
        ]
    found = {}
    for row in rows:
        point = float(row["latitude"]), float(row["longitude"])
        if (distance := _distance_km(*point)) <= 30:
            title = " ".join(row["intitule"].split())
            found[(title, row["formateur_siret"], round(point[0], 4), round(point[1], 4))] = distance
    return found


async def _found(api: Api) -> list[dict[str, Any]]:
    edges: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await api.data(PAGE, zone=PARIS_30_KM, after=after))["search"]["formations"]
        edges += page["edges"]
        if not page["pageInfo"]["hasNextPage"]:
            assert len(edges) == page["totalCount"]
            return edges
        after = page["pageInfo"]["endCursor"]


async def test_no_training_of_the_circle_is_missing_and_distances_agree(
    real_api: Api, real_data: Path
) -> None:
    expected = _expected(real_data)

    found = {}
    for edge in await _found(real_api):
        node = edge["node"]
        point = node["lieu"]["point"]
        place = (round(point["latitude"], 4), round(point["longitude"], 4))
        found[(node["intitule"], node["etablissement"]["siret"], *place)] = edge["distanceKm"]

    assert len(expected) > 10
    assert set(found) == set(expected)
    assert all(abs(found[key] - expected[key]) < 0.1 for key in expected)


async def test_one_query_gives_trainings_and_employers_of_the_three_kinds(real_api: Api) -> None:
    answer = await real_api.post(SEARCH, romes=["D1102"], lieu=PARIS_30_KM, niveau="NIVEAU_3")

    search = answer["data"]["search"]
    assert "errors" not in answer
    assert set(states(answer).values()) == {"OK"}
    assert search["formations"]["totalCount"] > 10
    kinds = {edge["node"]["__typename"] for edge in search["employeurs"]["edges"]}
    assert kinds == {"Offre", "BesoinMatcha", "RecruteurProbable"}


async def test_detail_of_a_real_training_leads_to_its_sources(real_api: Api) -> None:
    data = await real_api.data(
        """query Q($zone: ZoneInput!) { search(criteria: {texte: "cap boulanger", zone: $zone}) {
             formations(first: 50) { edges { node {
               intitule rncp rncpUrl onisepUrl source fictive gestionnaire { raisonSociale } } } } } }""",
        zone=PARIS_30_KM,
    )
    nodes = [edge["node"] for edge in data["search"]["formations"]["edges"]]

    assert nodes
    for node in nodes:
        assert (node["source"], node["fictive"]) == ("Catalogue Carif-Oref (export de novembre 2020)", False)
        number = (node["rncp"] or "").removeprefix("RNCP")
        page = f"https://www.francecompetences.fr/recherche/rncp/{number}/"
        assert node["rncpUrl"] == (page if number else None)
    links = [node["onisepUrl"] for node in nodes if node["onisepUrl"]]
    assert links
    assert all(link.startswith("https://www.onisep.fr/") for link in links)
    assert any(node["gestionnaire"] for node in nodes)
