"""The catalogue as the pages ask for it: through HTTP, on the demonstration set, with either engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest

from tests.e2e.conftest import System, until_ready
from tests.support.api import PARIS_30_KM, Api
from tests.support.elasticsearch import engine_folder

AJACCIO = {"commune": {"insee": "2A004", "rayonKm": 0}}
REFINED = ("niveaux", "diplomes", "domaines", "departements", "mois")
"""Names that a filter and its facet share."""

SEARCH = """
query Q($criteria: SearchCriteriaInput!, $filters: FormationFiltersInput, $sort: FormationSort,
        $first: Int! = 100, $after: String) {
  search(criteria: $criteria) { formations(first: $first, after: $after, sort: $sort, filters: $filters) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { distanceKm node { id intitule diplome niveau romes sessions
      etablissement { qualiopi } lieu { commune departement point { latitude } } } }
    facets { niveaux { value count } diplomes { value count } domaines { value count }
      departements { value count } mois { value count } qualiopi distances { withinKm count } }
    plusProches { distanceKm node { romes } }
    metiersProches { rome { code libelle } formationsCount } } }
}
"""
DETAIL = """
query Q($id: ID!) { formation(id: $id) {
  id intitule niveau diplome cfd rncp intituleRncp romes metiers { code libelle }
  etablissement { id siret uai raisonSociale enseigne commune qualiopi lieu { codePostal } }
  gestionnaire { id siret raisonSociale } gestionnaireSiret
  lieu { adresse codePostal insee commune departement point { latitude longitude } }
  sessions capacite rncpUrl onisepUrl majLe source fictive } }
"""


@pytest.fixture(scope="module")
def started_on_elasticsearch(request: pytest.FixtureRequest) -> Iterator[System]:
    request.getfixturevalue("elasticsearch_server_files")
    with engine_folder() as folder:
        system = System(folder / "state", engine="elasticsearch")
        system.start()
        yield system
        system.stop()


@pytest.fixture(scope="module", params=["started", "started_on_elasticsearch"])
async def api(request: pytest.FixtureRequest) -> AsyncIterator[Api]:
    """The gateway of a system of each engine; every test here holds for both."""
    system: System = request.getfixturevalue(request.param)
    await until_ready(system)
    async with aiohttp.ClientSession() as session:
        yield Api(session, f"http://127.0.0.1:{system.port}")


async def found(api: Api, criteria: dict[str, Any], **others: Any) -> dict[str, Any]:
    answer = await api.data(SEARCH, criteria=criteria, **others)
    formations: dict[str, Any] = answer["search"]["formations"]
    return formations


def nodes(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in page["edges"]]


def counts(facet: list[dict[str, Any]]) -> dict[str, int]:
    return {row["value"]: row["count"] for row in facet}


@pytest.mark.parametrize(
    ("texte", "title"),
    [
        ("boulanger", "BOULANG"),
        ("Boulangères", "BOULANG"),
        ("boulangre", "BOULANG"),
        ("cap cuisine", "CUISINE (CAP)"),
        ("resto", "RESTAURA"),
        ("bts mco", "MANAGEMENT COMMERCIAL OPERATIONNEL (BTS)"),
    ],
)
async def test_text_is_understood(api: Api, texte: str, title: str) -> None:
    page = await found(api, {"texte": texte}, first=5)

    assert page["totalCount"] > 0
    assert all(title in node["intitule"] for node in nodes(page)), nodes(page)


async def test_town_in_the_text_narrows_to_that_town(api: Api) -> None:
    page = await found(api, {"texte": "cuisine marseille"})

    assert page["totalCount"] == len(page["edges"]) > 0
    assert all(node["lieu"]["commune"].startswith("Marseille") for node in nodes(page))


async def test_text_that_nothing_is_like_finds_nothing(api: Api) -> None:
    assert (await found(api, {"texte": "xylophonzz"}))["totalCount"] == 0


async def test_each_value_of_a_facet_is_what_its_filter_finds(api: Api) -> None:
    criteria = {"romes": ["D1102", "G1602", "M1805"], "zone": PARIS_30_KM}
    facets = (await found(api, criteria, first=0))["facets"]

    for name in REFINED:
        assert facets[name], name
        for value, count in list(counts(facets[name]).items())[:3]:
            page = await found(api, criteria, first=0, filters={name: [value]})
            assert (name, value, page["totalCount"]) == (name, value, count)
            # The facet of the filter itself is counted without it, so that another value can be added.
            assert page["facets"][name] == facets[name]
    held = await found(api, criteria, first=0, filters={"qualiopi": True})
    assert held["totalCount"] == facets["qualiopi"] == held["facets"]["qualiopi"]


async def test_distance_bands_count_whatever_the_radius(api: Api) -> None:
    def around(rayon_km: int) -> dict[str, Any]:
        return {"around": {**PARIS_30_KM["around"], "rayonKm": rayon_km}}

    bands = (await found(api, {"romes": ["D1102"], "zone": around(30)}, first=0))["facets"]["distances"]

    assert [band["withinKm"] for band in bands] == [10, 30, 60, 100, 200]
    for band in bands:
        zone = around(band["withinKm"])
        page = await found(api, {"romes": ["D1102"], "zone": zone}, first=0)
        assert page["totalCount"] == band["count"]
        assert page["facets"]["distances"] == bands


async def test_filters_narrow_together(api: Api) -> None:
    niveaux = ["NIVEAU_3", "NIVEAU_4"]
    filters = {"niveaux": niveaux, "departements": ["75"], "qualiopi": True}

    page = await found(api, {"romes": ["D1102"], "zone": PARIS_30_KM}, filters=filters)

    assert page["totalCount"] > 0
    for node in nodes(page):
        assert node["niveau"] in niveaux
        assert node["lieu"]["departement"] == "75"
        assert node["etablissement"]["qualiopi"]


async def test_each_sort_has_its_order(api: Api) -> None:
    criteria = {"texte": "cuisine", "zone": PARIS_30_KM}

    pages = [await found(api, criteria, sort=sort) for sort in ("DISTANCE", "START", "RELEVANCE", None)]

    _, soon, best, default = map(nodes, pages)
    distances = [edge["distanceKm"] for edge in pages[0]["edges"]]
    starts = [node["sessions"][0] for node in soon]
    assert distances == sorted(distances)
    assert starts == sorted(starts)
    assert len(set(starts)) > 1
    assert best == default
    assert "CUISINE" in best[0]["intitule"]


async def test_pages_lead_to_the_last_row(api: Api) -> None:
    seen: list[str] = []
    after = None
    while True:
        page = await found(api, {"zone": {"france": True}}, after=after)
        seen += [node["id"] for node in nodes(page)]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert len(seen) == len(set(seen)) == page["totalCount"] > 1_000


@pytest.mark.parametrize("sort", ["DISTANCE", "START", "RELEVANCE"])
async def test_pages_of_every_order_are_the_whole(api: Api, sort: str) -> None:
    criteria = {"texte": "cap", "zone": PARIS_30_KM}
    whole = nodes(await found(api, criteria, sort=sort))

    pages: list[dict[str, Any]] = []
    after = None
    while after is not None or not pages:
        page = await found(api, criteria, sort=sort, first=7, after=after)
        pages += nodes(page)
        after = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None

    assert pages[: len(whole)] == whole
    assert len(pages) == page["totalCount"] > 14


async def test_corsica_overseas_and_arrondissements_are_found(api: Api) -> None:
    async def total(zone: dict[str, Any]) -> int:
        page = await found(api, {"zone": zone}, first=0)
        return int(page["totalCount"])

    haute, sud = await total({"departement": "2B"}), await total({"departement": "2A"})
    assert await total({"departement": "20"}) == await total({"region": "94"}) == haute + sud > 0
    assert await total({"departement": "974"}) == await total({"region": "04"}) > 0
    for city, one in (("75056", "75111"), ("69123", "69383"), ("13055", "13208")):
        part = await total({"commune": {"insee": one, "rayonKm": 0}})
        assert 0 < part < await total({"commune": {"insee": city, "rayonKm": 0}})


async def test_close_jobs_are_offered_where_there_are_few_trainings(api: Api) -> None:
    page = await found(api, {"romes": ["D1102"], "zone": AJACCIO})

    assert 0 < page["totalCount"] < 5
    (close, *_) = page["metiersProches"]
    proche = await found(api, {"romes": [close["rome"]["code"]], "zone": AJACCIO}, first=0)
    assert close["formationsCount"] == proche["totalCount"] > 0
    assert close["rome"]["libelle"]


async def test_empty_circle_offers_the_nearest(api: Api) -> None:
    at_sea = {"around": {"latitude": 47.0, "longitude": -6.0, "rayonKm": 10}}

    page = await found(api, {"romes": ["D1102"], "zone": at_sea})

    distances = [row["distanceKm"] for row in page["plusProches"]]
    assert page["totalCount"] == 0
    assert len(distances) == 5
    assert distances == sorted(distances)
    assert distances[0] > 10


async def test_detail_tells_all_that_the_catalogue_knows(api: Api) -> None:
    row = nodes(await found(api, {"texte": "cap cuisine", "zone": PARIS_30_KM}, first=1))[0]

    detail = (await api.data(DETAIL, id=row["id"]))["formation"]

    assert detail["intitule"] == "CUISINE (CAP)"
    assert detail["diplome"] == "CERTIFICAT D'APTITUDE PROFESSIONNELLE"
    assert detail["niveau"] == "NIVEAU_3"
    assert (len(detail["cfd"]), detail["intituleRncp"]) == (8, "Cuisine")
    number = detail["rncp"].removeprefix("RNCP")
    assert detail["rncpUrl"] == f"https://www.francecompetences.fr/recherche/rncp/{number}/"
    assert [each["code"] for each in detail["metiers"]] == detail["romes"] == row["romes"]
    assert all(each["libelle"] for each in detail["metiers"])
    assert detail["gestionnaireSiret"] == detail["gestionnaire"]["siret"]
    assert detail["gestionnaire"]["id"] == detail["etablissement"]["id"]
    assert detail["etablissement"]["raisonSociale"]
    assert detail["etablissement"]["lieu"]["codePostal"]
    assert detail["lieu"]["commune"] == row["lieu"]["commune"]
    assert detail["lieu"]["adresse"]
    assert detail["sessions"] == row["sessions"] != []
    assert detail["source"] == "Jeu de démonstration (données fictives)"
    assert detail["fictive"] is True
    # The demonstration set says nothing of these.
    assert [detail[name] for name in ("capacite", "onisepUrl", "majLe")] == [None] * 3


async def test_title_of_a_diploma_is_suggested_with_its_trainings(api: Api) -> None:
    query = "query Q($t: String!) { metiers(texte: $t) { libelle romes { code } rncps formationsCount } }"

    first = (await api.data(query, t="cap cuisine"))["metiers"][0]

    assert first["libelle"] == "CUISINE (CAP)"
    assert first["formationsCount"] == (await found(api, {"texte": "cuisine cap"}))["totalCount"]
    by_rncp = await found(api, {"rncps": first["rncps"]}, first=0)
    assert by_rncp["totalCount"] >= first["formationsCount"] > 0
