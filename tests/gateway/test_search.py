from __future__ import annotations

import asyncio
from typing import Any

import pytest

from protos import catalogue_pb2, diplome_pb2, geo_pb2, jobs_pb2, matcha_pb2, prediction_pb2, rdv_pb2
from services.common.errors import InvalidRequest, Problem, UpstreamUnavailable
from tests.gateway.conftest import Gateway

PARIS = {"around": {"latitude": 48.8566, "longitude": 2.3522, "rayonKm": 30}}

SEARCH = """
query Recherche($romes: [String!], $lieu: ZoneInput, $first: Int = 20, $after: String) {
  search(criteria: {romes: $romes, zone: $lieu}) {
    formations(first: $first, after: $after) {
      totalCount
      edges { cursor node { id intitule niveau distanceKm sessions lieu { point { latitude } }
        etablissement { siret raisonSociale commune }
        rendezVous { open nextCreneaux(first: 2) { id start } } } }
      pageInfo { endCursor hasNextPage hasPreviousPage }
      facets { niveaux { value count } }
      message
    }
    employeurs { edges { source aussiDans { __typename } node { __typename distanceKm
      ... on Offre { id intitule entreprise { nom } contrat { type } }
      ... on BesoinMatcha { id intitule opco contrats }
      ... on RecruteurProbable { siret score raisons { libelle poids } } } } }
    sources { name status message }
  }
}
"""


def _formation(id_: str, **more: Any) -> catalogue_pb2.Formation:
    return catalogue_pb2.Formation(
        id=id_,
        intitule="CAP BOULANGER",
        niveau=diplome_pb2.NIVEAU_3,
        etablissement=catalogue_pb2.Etablissement(
            siret="13000285000019", raison_sociale="CFA", commune="Paris"
        ),
        lieu=geo_pb2.Lieu(commune="Paris"),
        sessions=["2027-09"],
        distance_km=1.25,
        **more,
    )


def _page(*ids: str, **more: Any) -> catalogue_pb2.SearchFormationsResponse:
    edges = [catalogue_pb2.FormationEdge(cursor=f"c{id_}", node=_formation(id_)) for id_ in ids]
    return catalogue_pb2.SearchFormationsResponse(edges=edges, total_count=len(ids), **more)


async def test_messages_are_shown_as_the_schema_says(gateway: Gateway) -> None:
    facets = catalogue_pb2.FormationFacets(
        niveaux=[catalogue_pb2.NiveauCount(value=diplome_pb2.NIVEAU_3, count=2)]
    )
    gateway.scripts.answer("SearchFormations", _page("a", "b", has_next_page=True, facets=facets))
    creneau = rdv_pb2.Creneau(id="k", start="2026-12-01T09:00:00+01:00", end="2026-12-01T09:30:00+01:00")
    gateway.scripts.answer(
        "ListCreneaux",
        rdv_pb2.ListCreneauxResponse(
            formations=[rdv_pb2.FormationCreneaux(formation_id="b", open=True, creneaux=[creneau])]
        ),
    )

    answer = await gateway.ask(SEARCH, romes=["D1102"], lieu=PARIS)

    formations = answer["data"]["search"]["formations"]
    [first, second] = [edge["node"] for edge in formations["edges"]]
    assert first == {
        "id": "Rm9ybWF0aW9uOmE=",
        "intitule": "CAP BOULANGER",
        "niveau": "NIVEAU_3",
        "distanceKm": 1.25,
        "sessions": ["2027-09"],
        "lieu": {"point": None},
        "etablissement": {"siret": "13000285000019", "raisonSociale": "CFA", "commune": "Paris"},
        "rendezVous": {"open": False, "nextCreneaux": []},
    }
    assert second["rendezVous"] == {
        "open": True,
        "nextCreneaux": [{"id": "k", "start": "2026-12-01T09:00:00+01:00"}],
    }
    assert formations["facets"] == {"niveaux": [{"value": "NIVEAU_3", "count": 2}]}
    assert formations["pageInfo"]["hasNextPage"] is True
    assert gateway.scripts.called("ListCreneaux") == 1
    assert "errors" not in answer


async def test_the_next_page_is_asked_with_the_cursor_of_the_service(gateway: Gateway) -> None:
    gateway.scripts.answer("SearchFormations", _page("a", "b", has_next_page=True))
    answer = await gateway.ask(SEARCH, romes=["D1102"], lieu=PARIS)
    page_info = answer["data"]["search"]["formations"]["pageInfo"]

    again = await gateway.ask(SEARCH, romes=["D1102"], lieu=PARIS, after=page_info["endCursor"])

    requests = [message for name, message in gateway.scripts.calls if name == "SearchFormations"]
    assert [
        request.after for request in requests if isinstance(request, catalogue_pb2.SearchFormationsRequest)
    ] == [
        "",
        "cb",
    ]
    assert again["data"]["search"]["formations"]["pageInfo"]["hasPreviousPage"] is True


async def test_employers_of_the_three_kinds_come_in_one_list(gateway: Gateway) -> None:
    offre = jobs_pb2.Offre(
        id="o",
        intitule="Boulanger",
        distance_km=2,
        entreprise=jobs_pb2.EntrepriseOffre(siret="12345678901234"),
        contrat=jobs_pb2.ContratOffre(type=jobs_pb2.CONTRAT_TYPE_APPRENTISSAGE),
    )
    besoin = matcha_pb2.BesoinMatcha(
        id="b",
        intitule="Boulanger",
        distance_km=1,
        romes=["D1102"],
        contrats=[matcha_pb2.BESOIN_CONTRAT_APPRENTISSAGE],
    )
    recruteur = prediction_pb2.RecruteurProbable(siret="12345678901234", distance_km=2, score=70)
    gateway.scripts.answer(
        "SearchOffres", jobs_pb2.SearchOffresResponse(edges=[jobs_pb2.OffreEdge(cursor="1", node=offre)])
    )
    gateway.scripts.answer(
        "SearchBesoins",
        matcha_pb2.SearchBesoinsResponse(edges=[matcha_pb2.BesoinEdge(cursor="1", node=besoin)]),
    )
    gateway.scripts.answer(
        "SearchRecruteurs",
        prediction_pb2.SearchRecruteursResponse(
            edges=[prediction_pb2.RecruteurEdge(cursor="1", node=recruteur)]
        ),
    )

    answer = await gateway.ask(SEARCH, romes=["D1102"], lieu=PARIS)

    assert answer["data"]["search"]["employeurs"]["edges"] == [
        {
            "source": "BESOINS",
            "aussiDans": [],
            "node": {
                "__typename": "BesoinMatcha",
                "distanceKm": 1.0,
                "id": "QmVzb2luTWF0Y2hhOmI=",
                "intitule": "Boulanger",
                "opco": None,
                "contrats": ["APPRENTISSAGE"],
            },
        },
        {
            "source": "OFFRES",
            "aussiDans": [{"__typename": "RecruteurProbable"}],
            "node": {
                "__typename": "Offre",
                "distanceKm": 2.0,
                "id": "T2ZmcmU6bw==",
                "intitule": "Boulanger",
                "entreprise": {"nom": None},
                "contrat": {"type": "APPRENTISSAGE"},
            },
        },
    ]


async def test_what_is_not_selected_is_not_fetched(gateway: Gateway) -> None:
    await gateway.ask('{ search(criteria: {romes: ["D1102"]}) { offres { totalCount } sources { status } } }')

    assert {name for name, _ in gateway.scripts.calls} == {"GetRomes", "SearchOffres"}


async def test_columns_that_cost_are_asked_only_when_selected(gateway: Gateway) -> None:
    query = 'query Q($zone: ZoneInput) { search(criteria: {romes: ["D1102"], zone: $zone}) { %s } }'

    await gateway.ask(query % "formations { totalCount } recruteurs { totalCount }")
    await gateway.ask(
        query % "formations { ...F } recruteurs { edges { node { raisons { poids } } } }"
        + " fragment F on FormationConnection { facets { niveaux { count } } }"
    )

    wanted = [
        getattr(message, "with_facets" if name == "SearchFormations" else "with_raisons")
        for name, message in gateway.scripts.calls
        if name in ("SearchFormations", "SearchRecruteurs")
    ]
    assert wanted == [False, False, True, True]


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
    }
    [error] = answer["errors"]
    assert error["path"] == ["search", field]
    assert error["extensions"] == {"code": "SOURCE_UNAVAILABLE"}
    assert "10.0.0.1" not in str(answer)


async def test_employers_come_from_the_sources_that_answer(gateway: Gateway) -> None:
    besoin = matcha_pb2.BesoinMatcha(id="b", distance_km=1, romes=["D1102"])
    gateway.scripts.answer(
        "SearchBesoins",
        matcha_pb2.SearchBesoinsResponse(edges=[matcha_pb2.BesoinEdge(cursor="1", node=besoin)]),
    )
    gateway.scripts.fail("SearchOffres", UpstreamUnavailable("away"))
    gateway.scripts.fail("SearchRecruteurs", UpstreamUnavailable("away"))

    answer = await gateway.ask(SEARCH, romes=["D1102"], lieu=PARIS)

    assert len(answer["data"]["search"]["employeurs"]["edges"]) == 1
    assert "errors" not in answer


async def test_a_slow_source_is_given_up_within_the_budget(gateway: Gateway) -> None:
    async def never(_: Any) -> jobs_pb2.SearchOffresResponse:
        await asyncio.Event().wait()
        raise AssertionError

    gateway.scripts.by_method["SearchOffres"] = never

    answer = await gateway.ask(
        '{ search(criteria: {romes: ["D1102"]}) { offres { totalCount } besoins { totalCount } '
        "sources { name status } } }"
    )

    search = answer["data"]["search"]
    assert search["offres"] is None
    assert search["besoins"] == {"totalCount": 0}
    assert {row["name"]: row["status"] for row in search["sources"]}["OFFRES"] == "TIMEOUT"
    assert answer["errors"][0]["extensions"]["code"] == "TIMEOUT"


async def test_a_source_that_says_it_is_partial_is_shown_so(gateway: Gateway) -> None:
    gateway.scripts.answer("SearchOffres", jobs_pb2.SearchOffresResponse(partial="Trop d'offres."))

    answer = await gateway.ask(
        '{ search(criteria: {romes: ["D1102"]}) { offres { totalCount } sources { name status message } } }'
    )

    row = answer["data"]["search"]["sources"][2]
    assert row == {"name": "OFFRES", "status": "PARTIAL", "message": "Trop d'offres."}


async def test_an_answer_that_is_no_message_is_a_failing_source(gateway: Gateway) -> None:
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


async def test_a_domain_searches_employers_with_its_codes(gateway: Gateway) -> None:
    await gateway.ask('{ search(criteria: {romeDomaine: "D11"}) { besoins { totalCount } } }')

    [request] = [message for name, message in gateway.scripts.calls if name == "SearchBesoins"]
    assert isinstance(request, matcha_pb2.SearchBesoinsRequest)
    assert list(request.romes) == ["D1102", "D1104"]


async def test_nothing_near_is_said_with_the_nearest(gateway: Gateway) -> None:
    nearest = _formation("a")
    nearest.distance_km = 41.7
    gateway.scripts.answer("SearchFormations", catalogue_pb2.SearchFormationsResponse(plus_proches=[nearest]))

    answer = await gateway.ask(SEARCH, romes=["D1102"], lieu=PARIS)

    message = answer["data"]["search"]["formations"]["message"]
    assert message == "Aucune formation dans un rayon de 30 km ; la plus proche est à 42 km, à Paris."


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
    gateway.scripts.answer("SearchFormations", _page("a", has_next_page=True))
    answer = await gateway.ask(SEARCH, romes=["D1102"])
    cursor = answer["data"]["search"]["formations"]["pageInfo"]["endCursor"]

    refused = await gateway.ask(
        'query Q($after: String) { search(criteria: {romes: ["D1102"]}) '
        "{ offres(after: $after) { totalCount } } }",
        after=cursor,
    )

    assert refused["errors"][0]["extensions"]["problems"][0]["field"] == "after"
    assert gateway.scripts.called("SearchOffres") == 1  # by the first query's employeurs


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


async def test_a_catalogue_that_hangs_leaves_the_other_sources_their_time(gateway: Gateway) -> None:
    async def never(_: Any) -> catalogue_pb2.GetRomesResponse:
        await asyncio.Event().wait()
        raise AssertionError

    for method in ("GetRomes", "SearchFormations"):
        gateway.scripts.by_method[method] = never

    answer = await gateway.ask(SEARCH, romes=["D1102"], lieu=PARIS)

    search = answer["data"]["search"]
    assert {row["name"]: row["status"] for row in search["sources"]} == {
        "FORMATIONS": "TIMEOUT",
        "BESOINS": "OK",
        "OFFRES": "OK",
        "RECRUTEURS": "OK",
    }


async def test_a_merged_cursor_that_a_source_refuses_is_refused(gateway: Gateway) -> None:
    gateway.scripts.fail("SearchRecruteurs", InvalidRequest([Problem("after", "autre recherche")]))

    answer = await gateway.ask('{ search(criteria: {romes: ["D1102"]}) { employeurs { totalCount } } }')

    assert answer["errors"][0]["extensions"]["problems"] == [{"field": "after", "message": "autre recherche"}]


async def test_a_text_and_filters_go_to_the_catalogue(gateway: Gateway) -> None:
    facets = catalogue_pb2.FormationFacets(
        diplomes=[catalogue_pb2.FacetCount(value="BTS", count=3)],
        mois=[catalogue_pb2.FacetCount(value="2027-09", count=2)],
        qualiopi=1,
        distances=[catalogue_pb2.DistanceCount(within_km=10, count=4)],
    )
    proche = catalogue_pb2.MetierProche(rome=catalogue_pb2.Rome(code="D1104", libelle="Pâtisserie"))
    gateway.scripts.answer("SearchFormations", _page(facets=facets, metiers_proches=[proche]))

    answer = await gateway.ask(
        """{ search(criteria: {texte: "bts mco"}) { formations(
               sort: START, filters: {niveaux: [NIVEAU_5], mois: ["2027-09"], qualiopi: true}) {
             facets { diplomes { value count } mois { value } qualiopi distances { withinKm count } }
             metiersProches { rome { code } formationsCount } } } }"""
    )

    assert answer["data"]["search"]["formations"] == {
        "facets": {
            "diplomes": [{"value": "BTS", "count": 3}],
            "mois": [{"value": "2027-09"}],
            "qualiopi": 1,
            "distances": [{"withinKm": 10, "count": 4}],
        },
        "metiersProches": [{"rome": {"code": "D1104"}, "formationsCount": 0}],
    }
    request = next(message for name, message in gateway.scripts.calls if name == "SearchFormations")
    assert request == catalogue_pb2.SearchFormationsRequest(
        texte="bts mco",
        zone=geo_pb2.Zone(),
        sort=catalogue_pb2.FORMATION_SORT_START,
        first=20,
        with_facets=True,
        niveaux=[diplome_pb2.NIVEAU_5],
        mois=["2027-09"],
        qualiopi=True,
    )


async def test_a_refused_filter_is_named_as_in_the_schema(gateway: Gateway) -> None:
    gateway.scripts.fail("SearchFormations", InvalidRequest([Problem("mois[0]", "non")]))

    answer = await gateway.ask(
        '{ search(criteria: {texte: "a"}) { formations(filters: {mois: ["demain"]}) { totalCount } } }'
    )

    assert answer["errors"][0]["extensions"]["problems"] == [{"field": "filters.mois[0]", "message": "non"}]


async def test_jobs_of_a_training_come_with_their_labels(gateway: Gateway) -> None:
    page = _page("a")
    page.edges[0].node.romes.extend(["D1102", "Z9999"])
    gateway.scripts.answer("SearchFormations", page)

    answer = await gateway.ask(
        """{ search(criteria: {romes: ["D1102"]}) { formations { edges { node {
             metiers { code libelle } } } } } }"""
    )

    [edge] = answer["data"]["search"]["formations"]["edges"]
    assert edge["node"]["metiers"] == [
        {"code": "D1102", "libelle": "Boulangerie - viennoiserie"},
        {"code": "Z9999", "libelle": "Z9999"},
    ]


async def test_a_text_that_is_too_long_is_refused(gateway: Gateway) -> None:
    answer = await gateway.ask(
        "query Q($t: String!) { search(criteria: {texte: $t}) { formations { totalCount } } }", t="x" * 201
    )

    assert answer["errors"][0]["extensions"]["problems"][0]["field"] == "criteria.texte"


async def test_a_row_that_is_no_message_is_a_failing_source(gateway: Gateway) -> None:
    async def lie(_: Any) -> Any:
        good = prediction_pb2.RecruteurEdge(cursor="c", node=prediction_pb2.RecruteurProbable(siret="1"))
        # A row whose text is no UTF-8, in an answer that is otherwise as it should be.
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
