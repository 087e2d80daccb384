from __future__ import annotations

import pytest

from protos import rdv_pb2
from services.common.errors import Problem
from services.rdv.checks import creneaux_problems, demande_problems
from tests.support.rdv.builders import a_request


def test_ids_are_a_hundred_at_most_and_none_is_empty() -> None:
    right = rdv_pb2.ListCreneauxRequest(formation_ids=["a"] * 100)
    wrong = rdv_pb2.ListCreneauxRequest(formation_ids=["a", "", *["a"] * 99])

    assert creneaux_problems(right) == []
    assert [problem.field for problem in creneaux_problems(wrong)] == ["formation_ids[1]", "formation_ids"]


@pytest.mark.parametrize("instant", ["2027-09-01T09:00:00+02:00", "2027-09-01T07:00:00Z"])
def test_instant_from_which_slots_are_wanted_is_read(instant: str) -> None:
    assert creneaux_problems(rdv_pb2.ListCreneauxRequest(not_before=instant, first=50)) == []


def test_wrong_instant_is_named_with_what_would_be_right() -> None:
    request = rdv_pb2.ListCreneauxRequest(not_before="demain", first=51)

    assert creneaux_problems(request) == [
        Problem("first", "51 n'est pas entre 0 et 50"),
        Problem("not_before", "« demain » n'est pas un instant, comme 2027-09-01T09:00:00+02:00"),
    ]


def test_right_booking_has_no_problem() -> None:
    assert demande_problems(a_request()) == []


def test_every_problem_of_a_booking_is_told_at_once() -> None:
    request = rdv_pb2.BookRendezVousRequest(
        candidat=rdv_pb2.Candidat(telephone="12"), message="a" * 2_001, cle_idempotence="short"
    )

    fields = [problem.field for problem in demande_problems(request)]

    texts = ["candidat.prenom", "candidat.nom", "message"]
    shapes = ["candidat.email", "candidat.telephone", "cle_idempotence"]
    assert fields == ["formation_id", "creneau_id", *texts, *shapes]
