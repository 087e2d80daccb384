from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from protos import catalogue_pb2, jobs_pb2, matcha_pb2, rdv_pb2
from services.common import deadline
from services.common.errors import Forbidden, NotFound, Unauthenticated, UpstreamUnavailable
from tests.gateway.conftest import Gateway, every_mode


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"[]", b"3", b'{"query": 3}', b"{}", b'{"query": ""}', b'{"query": "{ a", "variables": {}}',
     b'{"query": "{ __typename }", "variables": [1]}', b"\xff\xfe"],
)  # fmt: skip
async def test_a_malformed_request_is_a_400_that_says_why(gateway: Gateway, body: bytes) -> None:
    response = await gateway.client.post("/graphql", data=body, headers={"content-type": "application/json"})

    assert response.status == 400
    [error] = (await response.json())["errors"]
    assert error["message"]
    assert error["extensions"]["code"] in ("BAD_REQUEST", "GRAPHQL_PARSE_FAILED")


async def test_wrong_arguments_are_answers_with_typed_errors(gateway: Gateway) -> None:
    answer = await gateway.ask("query Q($n: Int!) { search(criteria: {}) { nothing } }", n="three")

    assert {error["extensions"]["code"] for error in answer["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}


async def test_two_zones_at_once_are_refused(gateway: Gateway) -> None:
    answer = await gateway.ask(
        "query Q($zone: ZoneInput) { search(criteria: {zone: $zone}) { formations { totalCount } } }",
        zone={"departement": "75", "region": "11"},
    )

    assert "errors" in answer
    assert not gateway.scripts.calls


async def test_a_body_that_is_too_large_is_refused(gateway: Gateway) -> None:
    response = await gateway.post("{ __typename }" + " " * 30_000)

    assert response.status == 413


@pytest.mark.parametrize(
    "query",
    [
        "{" + " ".join(f'a{i}: metiers(texte: "b") {{ libelle }}' for i in range(40)) + "}",
        "{" + "a " * 3_000 + "}",
    ],
)
async def test_an_exponential_document_is_refused_before_any_service_is_called(
    gateway: Gateway, query: str
) -> None:
    response = await gateway.post(query)

    assert response.status in (200, 400)
    assert (await response.json())["errors"]
    assert not gateway.scripts.calls


@every_mode
async def test_an_unexpected_error_is_masked(gateway: Gateway) -> None:
    gateway.scripts.fail("SuggestMetiers", ValueError("password=secret"))

    answer = await gateway.ask('{ metiers(texte: "b") { libelle } }')

    [error] = answer["errors"]
    assert (error["message"], error["extensions"]) == ("Erreur interne.", {"code": "INTERNAL"})
    assert "secret" not in str(answer)


async def test_graphiql_works_without_any_other_site(gateway: Gateway) -> None:
    response = await gateway.client.get("/graphql", headers={"accept": "text/html"})
    page = await response.text()

    assert response.status == 200
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)
    assets = re.findall(r'(?:src|href)="(/graphiql/[^"]+)"', page)
    assert len(assets) == 6
    # The policy of the page allows no script nor style of its own.
    assert "<style" not in page
    assert re.findall(r"<script(?! src=)", page) == []
    for asset in assets:
        file = await gateway.client.get(asset)
        assert file.status == 200
        assert await file.read()


async def test_an_asset_that_is_not_there_is_a_404(gateway: Gateway) -> None:
    assert (await gateway.client.get("/graphiql/other.js")).status == 404
    assert (await gateway.client.get("/graphiql/..%2f..%2fapp.js")).status == 404


async def test_any_page_may_call_the_api(gateway: Gateway) -> None:
    preflight = await gateway.client.options("/graphql")
    answer = await gateway.post("{ __typename }")

    assert preflight.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_mutations_are_not_done_by_get(gateway: Gateway) -> None:
    response = await gateway.client.get("/graphql", params={"query": "mutation { __typename }"})

    assert (response.status, response.headers["Allow"]) == (405, "POST")
    assert "not allowed when using GET" in (await response.json())["errors"][0]["message"]


async def test_the_request_id_given_is_used_everywhere(gateway: Gateway) -> None:
    response = await gateway.post('{ metiers(texte: "b") { libelle } }', headers={"x-request-id": "mine-1"})

    assert response.headers["x-request-id"] == "mine-1"
    assert gateway.scripts.metadata[-1]["x-request-id"] == "mine-1"


async def test_an_invalid_request_id_is_replaced(gateway: Gateway) -> None:
    response = await gateway.post("{ __typename }", headers={"x-request-id": "x" * 1000})

    assert len(response.headers["x-request-id"]) == 32


async def test_a_client_that_leaves_cancels_the_calls(gateway: Gateway) -> None:
    started, cancelled = asyncio.Event(), asyncio.Event()
    left_s: list[float] = []

    async def hang(_: Any) -> jobs_pb2.SearchOffresResponse:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            left_s.append(deadline.remaining_s(at_most=60))
            cancelled.set()
        raise AssertionError

    gateway.scripts.by_method["SearchOffres"] = hang
    request = asyncio.ensure_future(
        gateway.post('{ search(criteria: {romes: ["D1102"]}) { offres { totalCount } } }')
    )
    await started.wait()
    request.cancel()
    await cancelled.wait()

    # The call was cancelled before its deadline, since more than a millisecond was left.
    assert left_s[0] > 0.001


@every_mode
async def test_a_booking_is_passed_on_and_shown(gateway: Gateway) -> None:
    gateway.scripts.answer(
        "BookRendezVous",
        rdv_pb2.BookRendezVousResponse(
            rendez_vous=rdv_pb2.RendezVous(
                id="r", siret="s", creneau=rdv_pb2.Creneau(id="k"), statut=rdv_pb2.RENDEZ_VOUS_STATUT_CONFIRME
            )
        ),
    )

    answer = await gateway.ask(BOOK, formation="Rm9ybWF0aW9uOjI0XzE3MTIyMw==")

    assert answer == {"data": {"bookRendezVous": {"id": "r", "statut": "CONFIRME"}}}
    request = gateway.scripts.calls[-1][1]
    assert isinstance(request, rdv_pb2.BookRendezVousRequest)
    assert request.formation_id == "24_171223"
    assert not request.candidat.HasField("telephone")


@every_mode
async def test_a_slot_taken_is_a_refusal_not_an_error(gateway: Gateway) -> None:
    gateway.scripts.answer(
        "BookRendezVous",
        rdv_pb2.BookRendezVousResponse(
            refuse=rdv_pb2.RendezVousRefuse(
                code=rdv_pb2.RENDEZ_VOUS_REFUS_CODE_CRENEAU_PRIS,
                message="Ce créneau vient d'être pris.",
                creneaux=[rdv_pb2.Creneau(id="k2")],
            )
        ),
    )

    answer = await gateway.ask(BOOK, formation="Rm9ybWF0aW9uOjI0XzE3MTIyMw==")

    assert answer["data"]["bookRendezVous"] == {"code": "CRENEAU_PRIS", "creneaux": [{"id": "k2"}]}
    assert "errors" not in answer


BOOK = """
mutation Book($formation: ID!) {
  bookRendezVous(input: {formationId: $formation, creneauId: "k",
                         candidat: {prenom: "A", nom: "B", email: "a@b.fr"}}) {
    ... on RendezVous { id statut }
    ... on RendezVousRefuse { code creneaux { id } }
  }
}
"""

CREATE = """
mutation Create($point: PointInput!) {
  createBesoin(input: {siret: "1", raisonSociale: "R", lieu: {point: $point}, intitule: "Boulanger",
                       contact: {prenom: "A", nom: "B", email: "a@b.fr"}, romes: ["D1102"],
                       niveau: NIVEAU_3, contrats: [PROFESSIONNALISATION], rythme: DEUX_JOURS_TROIS_JOURS}) {
    ... on BesoinMatcha { id statut }
    ... on BesoinRefuse { code message }
  }
}
"""
POINT = {"latitude": 48.8, "longitude": 2.3}


async def test_a_need_is_posted_with_the_right_of_its_author(gateway: Gateway) -> None:
    besoin = matcha_pb2.BesoinMatcha(id="b", statut=matcha_pb2.BESOIN_STATUT_ACTIF)
    gateway.scripts.answer("CreateBesoin", matcha_pb2.CreateBesoinResponse(besoin=besoin))

    answer = await gateway.ask(CREATE, {"authorization": "Bearer token"}, point=POINT)

    assert answer["data"]["createBesoin"] == {"id": "QmVzb2luTWF0Y2hhOmI=", "statut": "ACTIF"}
    assert gateway.scripts.metadata[-1]["authorization"] == "Bearer token"
    request = gateway.scripts.calls[-1][1]
    assert isinstance(request, matcha_pb2.CreateBesoinRequest)
    assert list(request.contrats) == [matcha_pb2.BESOIN_CONTRAT_PROFESSIONNALISATION]
    assert request.rythme == matcha_pb2.RYTHME_DEUX_JOURS_TROIS_JOURS


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unauthenticated("jeton expiré"), "UNAUTHENTICATED"),
        (Forbidden("autre SIRET"), "FORBIDDEN"),
        (UpstreamUnavailable("mongo at 10.0.0.1"), "SOURCE_UNAVAILABLE"),
    ],
)
async def test_a_refused_right_has_the_code_of_the_service(
    gateway: Gateway, error: Exception, code: str
) -> None:
    gateway.scripts.fail("CreateBesoin", error)

    answer = await gateway.ask(CREATE, point=POINT)

    assert answer["errors"][0]["extensions"]["code"] == code
    assert "10.0.0.1" not in str(answer)


@every_mode
async def test_anything_is_found_by_its_global_id(gateway: Gateway) -> None:
    formation = catalogue_pb2.Formation(id="24_1", intitule="CAP")
    gateway.scripts.answer("GetFormations", catalogue_pb2.GetFormationsResponse(formations=[formation]))
    query = "query Q($id: ID!) { node(id: $id) { __typename id } formation(id: $id) { intitule } }"

    answer = await gateway.ask(query, id="Rm9ybWF0aW9uOjI0XzE=")

    assert answer["data"] == {
        "node": {"__typename": "Formation", "id": "Rm9ybWF0aW9uOjI0XzE="},
        "formation": {"intitule": "CAP"},
    }


@pytest.mark.parametrize(
    ("id_", "code"),
    [
        ("Rm9ybWF0aW9uOm5vbmU=", "NOT_FOUND"),
        ("T2ZmcmU6bm9uZQ==", "NOT_FOUND"),
        ("RXRhYmxpc3NlbWVudDpub25l", "NOT_FOUND"),
        ("UmVjcnV0ZXVyUHJvYmFibGU6bm9uZQ==", "NOT_FOUND"),
        ("not an id", "BAD_USER_INPUT"),
        ("UXVlcnk6MQ==", "BAD_USER_INPUT"),
    ],
)
async def test_an_unknown_id_is_refused_by_its_field(gateway: Gateway, id_: str, code: str) -> None:
    gateway.scripts.fail("GetOffre", NotFound("gone"))

    answer = await gateway.ask("query Q($id: ID!) { node(id: $id) { id } }", id=id_)

    [error] = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["node"], code)
    assert "id" in error["message"]
