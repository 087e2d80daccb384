from __future__ import annotations

from protos import prediction_pb2 as pb
from services.prediction.checks import explain_problems, recruteurs_problems, search_problems
from tests.support.prediction.small_france import siret


def test_right_requests_have_no_problem() -> None:
    assert search_problems(pb.SearchRecruteursRequest(romes=["D1102"], score_min=0, first=100)) == []
    assert recruteurs_problems(pb.GetRecruteursRequest(sirets=[siret(1)] * 100)) == []
    assert explain_problems(pb.ExplainRecruteursRequest(sirets=[siret(1)], rome="D1102")) == []


def test_every_problem_of_a_search_is_told_at_once() -> None:
    request = pb.SearchRecruteursRequest(score_min=101, first=-1, sort=9)  # type: ignore[arg-type]  # no order

    fields = [problem.field for problem in search_problems(request)]

    assert fields == ["romes", "score_min", "first", "sort"]


def test_siret_with_a_wrong_check_digit_is_refused() -> None:
    wrong = siret(1)[:-1] + str((int(siret(1)[-1]) + 1) % 10)

    assert [problem.field for problem in recruteurs_problems(pb.GetRecruteursRequest(sirets=[wrong]))] == [
        "sirets[0]"
    ]
