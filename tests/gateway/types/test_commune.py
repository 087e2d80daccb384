from __future__ import annotations

import pytest

from protos import catalogue_pb2 as pb
from tests.gateway.conftest import Gateway

COMMUNE = "query Q($insee: String!) { commune(insee: $insee) { insee nom } }"


async def test_communes_by_code_are_one_call_whatever_their_case(gateway: Gateway) -> None:
    gateway.scripts.answer(
        "GetCommunes",
        pb.GetCommunesResponse(
            communes=[pb.Commune(insee="2A004", nom="Ajaccio"), pb.Commune(insee="35238", nom="Rennes")],
            missing=["35999"],
        ),
    )

    answer = await gateway.ask(
        """{ a: commune(insee: " 2a004") { nom } none: commune(insee: "35999") { nom }
             b: commune(insee: "35238") { nom } }"""
    )

    assert answer["data"] == {"a": {"nom": "Ajaccio"}, "none": None, "b": {"nom": "Rennes"}}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["none"], "NOT_FOUND")
    ]
    assert [message for _, message in gateway.scripts.calls] == [
        pb.GetCommunesRequest(insees=["2A004", "35999", "35238"])
    ]


async def test_former_code_leads_to_the_commune_of_today(gateway: Gateway) -> None:
    today = pb.Commune(insee="93079", nom="Villetaneuse")
    gateway.scripts.answer("GetCommunes", pb.GetCommunesResponse(communes=[today]))

    answer = await gateway.ask(COMMUNE, insee="93999")

    assert answer == {"data": {"commune": {"insee": "93079", "nom": "Villetaneuse"}}}


@pytest.mark.parametrize("insee", ["", "Rennes", "3523", "352380", "2C004", "٣٥٢٣٨"])
async def test_text_that_is_not_a_code_is_refused_by_its_argument(gateway: Gateway, insee: str) -> None:
    answer = await gateway.ask(COMMUNE, insee=insee)

    [error] = answer["errors"]
    assert answer["data"] == {"commune": None}
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert [problem["field"] for problem in error["extensions"]["problems"]] == ["insee"]
    assert "2A004" in error["message"]
    assert gateway.scripts.calls == []
