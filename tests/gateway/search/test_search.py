from __future__ import annotations

from typing import Any

import pytest

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
    assert [(edge["cursor"], edge["distanceKm"]) for edge in formations["edges"]] == [
        ("ca", 1.25),
        ("cb", 1.25),
    ]
    assert first == {
        "id": "Rm9ybWF0aW9uOmE=",
        "intitule": "CAP BOULANGER",
        "niveau": "NIVEAU_3",
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
    assert formations["pageInfo"] == {"endCursor": "cb", "hasNextPage": True, "hasPreviousPage": False}
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
        entreprise=jobs_pb2.EntrepriseOffre(siret="12345678901234"),
        contrat=jobs_pb2.ContratOffre(type=jobs_pb2.CONTRAT_TYPE_APPRENTISSAGE),
    )
    besoin = matcha_pb2.BesoinMatcha(
        id="b",
        intitule="Boulanger",
        romes=["D1102"],
        contrats=[matcha_pb2.BESOIN_CONTRAT_APPRENTISSAGE],
    )
    twin, other = [
        prediction_pb2.RecruteurProbable(siret=siret, score=50) for siret in ("12345678901234", "5")
    ]
    gateway.scripts.answer(
        "SearchOffres",
        jobs_pb2.SearchOffresResponse(edges=[jobs_pb2.OffreEdge(cursor="1", node=offre, distance_km=2)]),
    )
    gateway.scripts.answer(
        "SearchBesoins",
        matcha_pb2.SearchBesoinsResponse(
            edges=[matcha_pb2.BesoinEdge(cursor="1", node=besoin, distance_km=1)]
        ),
    )
    why = prediction_pb2.Raison(libelle="3 apprentis", poids=0.5)
    gateway.scripts.answer(
        "SearchRecruteurs",
        prediction_pb2.SearchRecruteursResponse(
            edges=[
                prediction_pb2.RecruteurEdge(cursor="1", node=twin, distance_km=2, score=70),
                prediction_pb2.RecruteurEdge(
                    cursor="2", node=other, distance_km=3, score=60, romes=["D1102"], raisons=[why]
                ),
            ]
        ),
    )

    answer = await gateway.ask(SEARCH, romes=["D1102"], lieu=PARIS)

    none: dict[str, Any] = {"score": None, "romes": [], "raisons": []}
    assert answer["data"]["search"]["employeurs"]["edges"] == [
        {
            "source": "BESOINS",
            "distanceKm": 1.0,
            **none,
            "aussiDans": [],
            "node": {
                "__typename": "BesoinMatcha",
                "id": "QmVzb2luTWF0Y2hhOmI=",
                "intitule": "Boulanger",
                "opco": None,
                "contrats": ["APPRENTISSAGE"],
            },
        },
        {
            "source": "OFFRES",
            "distanceKm": 2.0,
            **none,
            "aussiDans": [{"__typename": "RecruteurProbable"}],
            "node": {
                "__typename": "Offre",
                "id": "T2ZmcmU6bw==",
                "intitule": "Boulanger",
                "entreprise": {"nom": None},
                "contrat": {"type": "APPRENTISSAGE"},
            },
        },
        {
            "source": "RECRUTEURS",
            "distanceKm": 3.0,
            "score": 60,
            "romes": ["D1102"],
            "raisons": [{"libelle": "3 apprentis"}],
            "aussiDans": [],
            "node": {"__typename": "RecruteurProbable", "siret": "5"},
        },
    ]


async def test_what_is_not_selected_is_not_fetched(gateway: Gateway) -> None:
    await gateway.ask('{ search(criteria: {romes: ["D1102"]}) { offres { totalCount } sources { status } } }')

    called = [name for name, _ in gateway.scripts.calls]
    assert [name for name in called if name != "GetRomes"] == ["SearchOffres"]


async def test_columns_that_cost_are_asked_only_when_selected(gateway: Gateway) -> None:
    query = 'query Q($zone: ZoneInput) { search(criteria: {romes: ["D1102"], zone: $zone}) { %s } }'

    await gateway.ask(query % "formations { totalCount }")
    await gateway.ask(
        query % "formations { ...F }" + " fragment F on FormationConnection { facets { niveaux { count } } }"
    )

    wanted = [
        message.with_facets
        for _, message in gateway.scripts.calls
        if isinstance(message, catalogue_pb2.SearchFormationsRequest)
    ]
    assert wanted == [False, True]


@pytest.mark.parametrize(
    ("selection", "of_edges", "of_employers"),
    [
        ("recruteurs { edges { score node { score } } }", False, False),
        ("recruteurs { edges { raisons { poids } } }", True, False),
        ("recruteurs { edges { node { raisons { poids } } } }", False, True),
        ("employeurs { edges { raisons { poids } } }", True, False),
        ("employeurs { edges { node { ... on RecruteurProbable { raisons { poids } } } } }", False, True),
        ("employeurs { edges { raisons { poids } aussiDans { ...R } } }", True, True),
    ],
)
async def test_reasons_are_asked_where_they_are_selected(
    gateway: Gateway, selection: str, of_edges: bool, of_employers: bool
) -> None:
    fragment = " fragment R on RecruteurProbable { raisons { poids } }" if "...R" in selection else ""

    await gateway.ask(f'{{ search(criteria: {{romes: ["D1102"]}}) {{ {selection} }} }}{fragment}')

    [request] = [message for name, message in gateway.scripts.calls if name == "SearchRecruteurs"]
    assert isinstance(request, prediction_pb2.SearchRecruteursRequest)
    assert (request.with_raisons, request.with_raisons_generales) == (of_edges, of_employers)


async def test_a_domain_searches_employers_with_its_codes(gateway: Gateway) -> None:
    await gateway.ask('{ search(criteria: {romeDomaine: "D11"}) { besoins { totalCount } } }')

    [request] = [message for name, message in gateway.scripts.calls if name == "SearchBesoins"]
    assert isinstance(request, matcha_pb2.SearchBesoinsRequest)
    assert list(request.romes) == ["D1102", "D1104"]


async def test_a_search_without_near_trainings_names_the_nearest(gateway: Gateway) -> None:
    nearest = catalogue_pb2.FormationProche(node=formation("a"), distance_km=41.7)
    gateway.scripts.answer("SearchFormations", catalogue_pb2.SearchFormationsResponse(plus_proches=[nearest]))

    answer = await gateway.ask(SEARCH, romes=["D1102"], lieu=PARIS)

    message = answer["data"]["search"]["formations"]["message"]
    assert message == "Aucune formation dans un rayon de 30 km ; la plus proche est à 42 km, à Paris."


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
