from __future__ import annotations

import asyncio
from typing import Any

from tests.support.api import PARIS_30_KM, SEARCH, Api, states


async def test_one_query_gives_trainings_and_employers_of_the_three_kinds(api: Api) -> None:
    answer = await api.post(SEARCH, romes=["D1102"], lieu=PARIS_30_KM, niveau="NIVEAU_3")

    assert "errors" not in answer
    search = answer["data"]["search"]
    formations = search["formations"]
    assert 0 < len(formations["edges"]) <= formations["totalCount"]
    kinds = {edge["node"]["__typename"] for edge in search["employeurs"]["edges"]}
    assert kinds == {"Offre", "BesoinMatcha", "RecruteurProbable"}
    names = ("FORMATIONS", "BESOINS", "OFFRES", "RECRUTEURS", "RENDEZ_VOUS")
    assert states(answer) == dict.fromkeys(names, "OK")
    assert all(edge["node"]["niveau"] == "NIVEAU_3" for edge in formations["edges"])
    assert any(edge["node"]["rendezVous"]["open"] for edge in formations["edges"])


async def test_lists_come_nearest_first_within_the_circle(api: Api) -> None:
    search = (await api.data(SEARCH, romes=["D1102", "G1602"], lieu=PARIS_30_KM))["search"]

    for name in ("formations", "employeurs"):
        distances = [edge["distanceKm"] for edge in search[name]["edges"]]
        known = [distance for distance in distances if distance is not None]
        assert known
        assert known == sorted(known)
        assert known[-1] <= 30
        assert distances[: len(known)] == known  # those without coordinates come last


FORMATION_PAGE = """query Q($after: String, $zone: ZoneInput) {
  search(criteria: {romes: ["D1102", "G1602"], zone: $zone}) { formations(first: 7, after: $after) {
    totalCount edges { cursor node { id } } pageInfo { endCursor hasNextPage hasPreviousPage } } } }"""
EMPLOYEUR_PAGE = """query Q($after: String, $zone: ZoneInput) {
  search(criteria: {romes: ["D1102", "G1602"], zone: $zone}) { employeurs(first: 9, after: $after) {
    totalCount edges { node { id } } pageInfo { endCursor hasNextPage } } } }"""


async def _all_pages(api: Api, query: str, name: str, **variables: Any) -> tuple[list[str], int]:
    ids: list[str] = []
    after: str | None = None
    while True:
        page = (await api.data(query, after=after, **variables))["search"][name]
        ids += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return ids, page["totalCount"]
        after = page["pageInfo"]["endCursor"]


async def test_pages_of_formations_put_end_to_end_are_the_whole_list(api: Api) -> None:
    ids, total = await _all_pages(api, FORMATION_PAGE, "formations", zone=PARIS_30_KM)

    assert len(ids) == len(set(ids)) == total > 7


async def test_pages_of_employers_put_end_to_end_have_no_repeat(api: Api) -> None:
    ids, total = await _all_pages(api, EMPLOYEUR_PAGE, "employeurs", zone=PARIS_30_KM)

    assert len(ids) == len(set(ids))
    assert 9 < len(ids) <= total


async def test_anything_found_is_found_again_by_its_id(api: Api) -> None:
    search = (
        await api.data(
            """query Q($zone: ZoneInput) { search(criteria: {romes: ["D1102"], zone: $zone}) {
                 formations(first: 1) { edges { node { id etablissement { id } } } }
                 employeurs(first: 100) { edges { node { id __typename } } } } }""",
            zone=PARIS_30_KM,
        )
    )["search"]
    formation = search["formations"]["edges"][0]["node"]
    wanted = {formation["id"]: "Formation", formation["etablissement"]["id"]: "Etablissement"}
    for edge in search["employeurs"]["edges"]:
        if edge["node"]["__typename"] not in wanted.values():
            wanted[edge["node"]["id"]] = edge["node"]["__typename"]

    for id_, type_name in wanted.items():
        data = await api.data("query Q($id: ID!) { node(id: $id) { __typename id } }", id=id_)
        assert data["node"] == {"__typename": type_name, "id": id_}
    assert len(wanted) == 5


async def test_jobs_and_communes_are_found_by_their_codes(api: Api) -> None:
    data = await api.data(
        """{ rome(code: "D1102") { code libelle }
             paris: commune(insee: "75111") { insee nom communeParente }
             ajaccio: commune(insee: "2a004") { insee nom } }"""
    )

    assert data["rome"]["code"] == "D1102"
    assert "oulanger" in data["rome"]["libelle"]
    assert data["paris"] == {"insee": "75111", "nom": "Paris 11e Arrondissement", "communeParente": "75056"}
    assert data["ajaccio"] == {"insee": "2A004", "nom": "Ajaccio"}


async def test_score_of_an_employer_is_explained_on_its_sheet(api: Api) -> None:
    rows = (
        await api.data(
            """query Q($zone: ZoneInput) { search(criteria: {romes: ["D1102"], zone: $zone}) {
                 recruteurs(first: 5) { edges { node { id explication(rome: "D1102") { score } } } } } }""",
            zone=PARIS_30_KM,
        )
    )["search"]["recruteurs"]["edges"]
    node = rows[0]["node"]

    sheet = await api.data(
        """query Q($id: ID!) { node(id: $id) { ... on RecruteurProbable { raisons { poids }
             explication(rome: "D1102") {
               score scoreGeneral embauchesPrevues affinite raisons { libelle poids } } } } }""",
        id=node["id"],
    )

    explication = sheet["node"]["explication"]
    assert all(row["node"]["explication"] for row in rows)
    assert explication["score"] == node["explication"]["score"]
    assert 0 < explication["affinite"] <= 1
    assert explication["scoreGeneral"] >= explication["score"]
    assert explication["embauchesPrevues"] > 0
    for raisons in (explication["raisons"], sheet["node"]["raisons"]):
        weights = [abs(raison["poids"]) for raison in raisons]
        assert weights == sorted(weights, reverse=True) != []


async def test_jobs_are_proposed_whatever_the_typing(api: Api) -> None:
    query = "query Q($t: String!) { metiers(texte: $t) { libelle romes { code } formationsCount } }"

    for typed in ("boulang", "BOULANGERS", "boulangre", "Boulangère"):
        first = (await api.data(query, t=typed))["metiers"][0]
        assert first["romes"][0]["code"] == "D1102", typed
        assert first["formationsCount"] > 0


async def test_communes_are_proposed_by_name_and_by_postal_code(api: Api) -> None:
    query = """query Q($t: String!) { communes(texte: $t) {
      nom insee population codesPostaux departement point { latitude longitude } } }"""

    named = (await api.data(query, t="saint den"))["communes"]
    coded = (await api.data(query, t="75011"))["communes"]

    assert {"93066", "97411"} <= {commune["insee"] for commune in named}
    populations = [commune["population"] for commune in named]
    assert populations == sorted(populations, reverse=True)
    assert coded[0]["insee"] == "75111"
    assert abs(coded[0]["point"]["latitude"] - 48.86) < 0.02


async def test_every_kind_of_zone_is_searched(api: Api) -> None:
    query = """query Q($zone: ZoneInput) { search(criteria: {romes: ["D1102"], zone: $zone}) {
      formations { totalCount } sources { status } } }"""
    totals = {}
    for name, zone in {
        "paris": {"commune": {"insee": "75056", "rayonKm": 0}},
        "around": {"commune": {"insee": "75056", "rayonKm": 30}},
        "departement": {"departement": "75"},
        "region": {"region": "11"},
        "corse": {"departement": "20"},
        "france": {"france": True},
    }.items():
        totals[name] = (await api.data(query, zone=zone))["search"]["formations"]["totalCount"]

    assert 0 < totals["paris"] == totals["departement"] <= totals["around"]
    assert totals["departement"] <= totals["region"] <= totals["france"]
    assert 0 < totals["corse"] < totals["france"]


async def test_the_same_search_gives_the_same_answer(api: Api) -> None:
    query = SEARCH.replace("sources { name status elapsedMs message }", "")
    first, *others = await asyncio.gather(
        *(api.data(query, romes=["D1102"], lieu=PARIS_30_KM) for _ in range(8))
    )

    assert all(other == first for other in others)


async def test_graphiql_is_served(api: Api) -> None:
    status, page = await api.get("/graphql")

    assert status == 200
    assert "GraphiQL" in page
