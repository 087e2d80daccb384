from __future__ import annotations

from protos import catalogue_pb2, diplome_pb2, geo_pb2, jobs_pb2, matcha_pb2, prediction_pb2, rdv_pb2
from tests.gateway.conftest import Gateway, every_mode
from tests.support.gateway.searches import PARIS, SEARCH, formation, page

pytestmark = every_mode


async def test_messages_are_shown_as_the_schema_says(gateway: Gateway) -> None:
    facets = catalogue_pb2.FormationFacets(
        niveaux=[catalogue_pb2.NiveauCount(value=diplome_pb2.NIVEAU_3, count=2)]
    )
    gateway.scripts.answer("SearchFormations", page("a", "b", has_next_page=True, facets=facets))
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
    gateway.scripts.answer("SearchFormations", page("a", "b", has_next_page=True))
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

    called = [name for name, _ in gateway.scripts.calls]
    assert [name for name in called if name != "GetRomes"] == ["SearchOffres"]


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


async def test_a_domain_searches_employers_with_its_codes(gateway: Gateway) -> None:
    await gateway.ask('{ search(criteria: {romeDomaine: "D11"}) { besoins { totalCount } } }')

    [request] = [message for name, message in gateway.scripts.calls if name == "SearchBesoins"]
    assert isinstance(request, matcha_pb2.SearchBesoinsRequest)
    assert list(request.romes) == ["D1102", "D1104"]


async def test_nothing_near_is_said_with_the_nearest(gateway: Gateway) -> None:
    nearest = formation("a")
    nearest.distance_km = 41.7
    gateway.scripts.answer("SearchFormations", catalogue_pb2.SearchFormationsResponse(plus_proches=[nearest]))

    answer = await gateway.ask(SEARCH, romes=["D1102"], lieu=PARIS)

    message = answer["data"]["search"]["formations"]["message"]
    assert message == "Aucune formation dans un rayon de 30 km ; la plus proche est à 42 km, à Paris."


async def test_a_text_and_filters_go_to_the_catalogue(gateway: Gateway) -> None:
    facets = catalogue_pb2.FormationFacets(
        diplomes=[catalogue_pb2.FacetCount(value="BTS", count=3)],
        mois=[catalogue_pb2.FacetCount(value="2027-09", count=2)],
        qualiopi=1,
        distances=[catalogue_pb2.DistanceCount(within_km=10, count=4)],
    )
    proche = catalogue_pb2.MetierProche(rome=catalogue_pb2.Rome(code="D1104", libelle="Pâtisserie"))
    gateway.scripts.answer("SearchFormations", page(facets=facets, metiers_proches=[proche]))

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


async def test_jobs_of_a_training_come_with_their_labels(gateway: Gateway) -> None:
    found = page("a")
    found.edges[0].node.romes.extend(["D1102", "Z9999"])
    gateway.scripts.answer("SearchFormations", found)

    answer = await gateway.ask(
        """{ search(criteria: {romes: ["D1102"]}) { formations { edges { node {
             metiers { code libelle } } } } } }"""
    )

    [edge] = answer["data"]["search"]["formations"]["edges"]
    assert edge["node"]["metiers"] == [
        {"code": "D1102", "libelle": "Boulangerie - viennoiserie"},
        {"code": "Z9999", "libelle": "Z9999"},
    ]
