from __future__ import annotations

from protos import geo_pb2, jobs_pb2
from protos.diplome_pb2 import NIVEAU_3
from services.jobs.checks import offre_problems, search_problems


def test_right_search_has_no_problem() -> None:
    zone = geo_pb2.Zone(communes=["74010", "2A004"], departements=["2A", "974"])

    assert (
        search_problems(jobs_pb2.SearchOffresRequest(romes=["D1102"], zone=zone, first=10, niveau=NIVEAU_3))
        == []
    )


def test_every_problem_is_told_at_once() -> None:
    request = jobs_pb2.SearchOffresRequest(
        romes=["D1102", "d1102"],
        zone=geo_pb2.Zone(communes=["74010", "7401"], departements=["999"]),
        niveau=9,  # type: ignore[arg-type]  # a number that is no level
        sort=9,  # type: ignore[arg-type]  # a number that is no order
        first=101,
    )

    assert [problem.field for problem in search_problems(request)] == [
        "romes[1]",
        "sort",
        "niveau",
        "first",
        "zone.communes[1]",
        "zone.departements[0]",
    ]


def test_digits_of_other_scripts_are_refused() -> None:
    request = jobs_pb2.SearchOffresRequest(
        romes=["D١١٠٢"], zone=geo_pb2.Zone(communes=["٧٤٠١٠"], departements=["٧٤"])
    )

    assert [problem.field for problem in search_problems(request)] == [
        "romes[0]",
        "zone.communes[0]",
        "zone.departements[0]",
    ]


def test_offer_is_asked_for_by_its_id() -> None:
    assert offre_problems(jobs_pb2.GetOffreRequest(id="048KLTP")) == []
    assert [problem.field for problem in offre_problems(jobs_pb2.GetOffreRequest())] == ["id"]
