from __future__ import annotations

from protos import prediction_pb2 as pb
from services.common.errors import InvalidRequest, Problem
from tests.gateway.conftest import Gateway

SHEET = """query Q($rome: String!) { node(id: "UmVjcnV0ZXVyUHJvYmFibGU6MTMwMDAyODUwMDAwMTk=") {
  ... on RecruteurProbable { siret explication(rome: $rome) {
    score scoreGeneral embauchesPrevues affinite raisons { libelle poids } } } } }"""
LIST = """{ search(criteria: {romes: ["D1102"]}) { %s(first: 3) { edges { node { ... on RecruteurProbable {
  baker: explication(rome: "D1102") { score } cook: explication(rome: "G1602") { score } } } } } } }"""
SIRET = "13000285000019"


def _page(*sirets: str) -> pb.SearchRecruteursResponse:
    nodes = [pb.RecruteurProbable(siret=siret, raison_sociale=siret) for siret in sirets]
    return pb.SearchRecruteursResponse(
        edges=[pb.RecruteurEdge(cursor=node.siret, node=node) for node in nodes], total_count=len(nodes)
    )


async def _explain(request: pb.ExplainRecruteursRequest) -> pb.ExplainRecruteursResponse:
    """A different score for each employer and job; the last employer is unknown."""
    *known, unknown = request.sirets
    bonus = 50 if request.rome == "G1602" else 0
    # Reversed, since rows are identified by their SIRET and not by their order.
    explications = [pb.Explication(siret=siret, score=int(siret) + bonus) for siret in reversed(known)]
    return pb.ExplainRecruteursResponse(explications=explications, missing=[unknown])


async def test_sheet_explains_the_score_for_a_job(gateway: Gateway) -> None:
    gateway.scripts.answer(
        "GetRecruteurs", pb.GetRecruteursResponse(recruteurs=[pb.RecruteurProbable(siret=SIRET)])
    )
    explication = pb.Explication(
        siret=SIRET,
        score=62,
        score_general=80,
        embauches_prevues=2.5,
        raisons=[pb.Raison(libelle="12 embauches", poids=0.75)],
    )
    gateway.scripts.answer("ExplainRecruteurs", pb.ExplainRecruteursResponse(explications=[explication]))

    answer = await gateway.ask(SHEET, rome="D1102")

    assert answer["data"]["node"] == {
        "siret": SIRET,
        "explication": {
            "score": 62,
            "scoreGeneral": 80,
            "embauchesPrevues": 2.5,
            "affinite": None,
            "raisons": [{"libelle": "12 embauches", "poids": 0.75}],
        },
    }
    assert gateway.scripts.calls[-1][1] == pb.ExplainRecruteursRequest(sirets=[SIRET], rome="D1102")


async def test_rows_of_a_page_are_explained_in_one_call_for_each_job(gateway: Gateway) -> None:
    for name in ("recruteurs", "employeurs"):
        gateway.scripts.calls.clear()
        gateway.scripts.answer("SearchRecruteurs", _page("1", "2", "3"))
        gateway.scripts.by_method["ExplainRecruteurs"] = _explain

        answer = await gateway.ask(LIST % name)

        rows = [edge["node"] for edge in answer["data"]["search"][name]["edges"]]
        assert "errors" not in answer
        assert rows == [
            {"baker": {"score": 1}, "cook": {"score": 51}},
            {"baker": {"score": 2}, "cook": {"score": 52}},
            {"baker": None, "cook": None},
        ]
        asked = [message for method, message in gateway.scripts.calls if method == "ExplainRecruteurs"]
        assert asked == [
            pb.ExplainRecruteursRequest(sirets=["1", "2", "3"], rome=rome) for rome in ("D1102", "G1602")
        ]


async def test_wrong_job_is_refused_by_its_argument(gateway: Gateway) -> None:
    gateway.scripts.answer(
        "GetRecruteurs", pb.GetRecruteursResponse(recruteurs=[pb.RecruteurProbable(siret=SIRET)])
    )
    gateway.scripts.fail("ExplainRecruteurs", InvalidRequest([Problem("rome", "une lettre et 4 chiffres")]))

    answer = await gateway.ask(SHEET, rome="boulanger")

    [error] = answer["errors"]
    assert answer["data"]["node"] == {"siret": SIRET, "explication": None}
    assert (error["path"], error["extensions"]["code"]) == (["node", "explication"], "BAD_USER_INPUT")
    assert [problem["field"] for problem in error["extensions"]["problems"]] == ["rome"]
