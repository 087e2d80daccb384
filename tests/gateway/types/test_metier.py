from __future__ import annotations

import pytest

from protos import catalogue_pb2 as pb
from services.common.errors import UpstreamUnavailable
from tests.gateway.conftest import Gateway

ROME = "query Q($code: String!) { rome(code: $code) { code libelle } }"


async def test_jobs_by_code_are_one_call(gateway: Gateway) -> None:
    answer = await gateway.ask('{ a: rome(code: "G1602") { libelle } b: rome(code: "D1102") { libelle } }')

    assert answer == {
        "data": {"a": {"libelle": "Personnel de cuisine"}, "b": {"libelle": "Boulangerie - viennoiserie"}}
    }
    assert [message for _, message in gateway.scripts.calls] == [pb.GetRomesRequest(codes=["G1602", "D1102"])]


async def test_code_that_does_not_exist_is_not_found(gateway: Gateway) -> None:
    answer = await gateway.ask(ROME, code="N9999")

    [error] = answer["errors"]
    assert answer["data"] == {"rome": None}
    assert (error["path"], error["extensions"]["code"]) == (["rome"], "NOT_FOUND")
    assert "N9999" in error["message"]


@pytest.mark.parametrize("code", ["", "boulanger", "d1102", "Z1102", "D110", "D1102\n", "D١١٠٢"])
async def test_text_that_is_not_a_code_is_refused_by_its_argument(gateway: Gateway, code: str) -> None:
    answer = await gateway.ask(ROME, code=code)

    [error] = answer["errors"]
    assert answer["data"] == {"rome": None}
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert [problem["field"] for problem in error["extensions"]["problems"]] == ["code"]
    assert "D1102" in error["message"]
    assert gateway.scripts.calls == []


async def test_job_is_unavailable_while_the_catalogue_is_away(gateway: Gateway) -> None:
    gateway.scripts.fail("GetRomes", UpstreamUnavailable("away"))

    answer = await gateway.ask(ROME, code="D1102")

    assert answer["data"] == {"rome": None}
    assert answer["errors"][0]["extensions"]["code"] == "SOURCE_UNAVAILABLE"
