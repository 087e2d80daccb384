from __future__ import annotations

import pytest
from google.protobuf.message import Message

from protos import matcha_pb2, rdv_pb2
from tests.gateway.conftest import Gateway, every_mode

WHY = "Trop de demandes\u00a0: réessayez à partir du 11 mars 2027 à 9 h 15."

BOOK = """mutation {
  refused: bookRendezVous(input: {formationId: "Rm9ybWF0aW9uOjI0XzE3MTIyMw==", creneauId: "k",
    candidat: {prenom: "A", nom: "B", email: "a@b.fr"}}) {
    __typename ... on RendezVousRefuse { code message } } }"""

CREATE = """mutation { refused: createBesoin(input: {siret: "1", raisonSociale: "R", intitule: "Boulanger",
  lieu: {point: {latitude: 48.8, longitude: 2.3}}, contact: {prenom: "A", nom: "B", email: "a@b.fr"},
  romes: ["D1102"]}) { __typename ... on BesoinRefuse { code message } } }"""


@every_mode
@pytest.mark.parametrize(
    ("rpc", "mutation", "response", "typename"),
    [
        (
            "BookRendezVous",
            BOOK,
            rdv_pb2.BookRendezVousResponse(
                refuse=rdv_pb2.RendezVousRefuse(
                    code=rdv_pb2.RENDEZ_VOUS_REFUS_CODE_LIMITE_ATTEINTE, message=WHY
                )
            ),
            "RendezVousRefuse",
        ),
        (
            "CreateBesoin",
            CREATE,
            matcha_pb2.CreateBesoinResponse(
                refuse=matcha_pb2.BesoinRefuse(code=matcha_pb2.BESOIN_REFUS_CODE_LIMITE_ATTEINTE, message=WHY)
            ),
            "BesoinRefuse",
        ),
    ],
)
async def test_limit_that_is_reached_is_shown_with_its_end(
    gateway: Gateway, rpc: str, mutation: str, response: Message, typename: str
) -> None:
    gateway.scripts.answer(rpc, response)

    answer = await gateway.ask(mutation)

    assert answer == {
        "data": {"refused": {"__typename": typename, "code": "LIMITE_ATTEINTE", "message": WHY}}
    }
