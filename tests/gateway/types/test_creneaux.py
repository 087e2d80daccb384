from __future__ import annotations

from typing import Any

import pytest

from protos import catalogue_pb2, rdv_pb2
from services.common.errors import UpstreamUnavailable
from tests.gateway.conftest import Gateway, every_mode
from tests.support.gateway.searches import formation, page

pytestmark = every_mode

IN_FORMATIONS = '{ search(criteria: {romes: ["D1102"]}) { formations { %s } } }'


def _proche(id_: str) -> catalogue_pb2.FormationProche:
    return catalogue_pb2.FormationProche(node=formation(id_))


def _creneaux(*formation_ids: str, count: int = 1) -> rdv_pb2.ListCreneauxResponse:
    return rdv_pb2.ListCreneauxResponse(
        formations=[
            rdv_pb2.FormationCreneaux(
                formation_id=id_,
                open=True,
                creneaux=[rdv_pb2.Creneau(id=f"{id_}{number}") for number in range(count)],
            )
            for id_ in formation_ids
        ]
    )


def _slot_calls(gateway: Gateway) -> list[tuple[list[str], int]]:
    """The training ids and the `first` of each call for slots."""
    return [
        (list(message.formation_ids), message.first)
        for name, message in gateway.scripts.calls
        if name == "ListCreneaux" and isinstance(message, rdv_pb2.ListCreneauxRequest)
    ]


@pytest.mark.parametrize(
    "selection",
    [
        "edges { node { rdv: rendezVous { open } } }",
        "rows: edges { ... on FormationEdge { one: node { rdv: rendezVous { open } } } }",
        "edges { cursor node { intitule } } edges { node { ... { rdv: rendezVous { open } } } }",
    ],
)
async def test_the_slots_of_a_page_are_one_call(gateway: Gateway, selection: str) -> None:
    gateway.scripts.answer("SearchFormations", page("a", "b", "c"))
    gateway.scripts.answer("ListCreneaux", _creneaux("c", "a"))

    answer = await gateway.ask(IN_FORMATIONS % selection)

    formations = answer["data"]["search"]["formations"]
    rows = [
        next(iter(row.values())) if "one" in row else row["node"] for row in next(iter(formations.values()))
    ]
    assert [row["rdv"]["open"] for row in rows] == [True, False, True]
    assert _slot_calls(gateway) == [(["a", "b", "c"], 5)]


async def test_more_slots_are_one_more_call_for_the_page(gateway: Gateway) -> None:
    gateway.scripts.answer("SearchFormations", page("a", "b"))
    gateway.scripts.answer("ListCreneaux", _creneaux("a", "b", count=6))

    answer = await gateway.ask(
        IN_FORMATIONS
        % "edges { node { rendezVous { few: nextCreneaux { id } nextCreneaux(first: 6) { id } } } }"
    )

    [first, second] = [edge["node"]["rendezVous"] for edge in answer["data"]["search"]["formations"]["edges"]]
    assert first["few"] == [{"id": "a0"}, {"id": "a1"}, {"id": "a2"}]
    assert len(second["nextCreneaux"]) == 6
    assert _slot_calls(gateway) == [(["a", "b"], 5), (["a", "b"], 6)]


async def test_the_slots_of_the_nearest_are_asked_for_them_only(gateway: Gateway) -> None:
    gateway.scripts.answer("SearchFormations", page("a", plus_proches=[_proche("n"), _proche("m")]))
    gateway.scripts.answer("ListCreneaux", _creneaux("n"))

    answer = await gateway.ask(
        IN_FORMATIONS % "edges { node { id } } plusProches { node { rendezVous { open } } }"
    )

    nearest = answer["data"]["search"]["formations"]["plusProches"]
    assert [row["node"]["rendezVous"]["open"] for row in nearest] == [True, False]
    assert _slot_calls(gateway) == [(["n", "m"], 5)]


async def test_without_the_rdv_service_each_row_has_one_error_and_its_other_fields(gateway: Gateway) -> None:
    ids = [str(number) for number in range(100)]
    gateway.scripts.answer("SearchFormations", page(*ids))
    gateway.scripts.fail("ListCreneaux", UpstreamUnavailable("away"))

    answer = await gateway.ask(
        IN_FORMATIONS % "edges { node { intitule rendezVous { open nextCreneaux { id } } } } totalCount"
    )

    formations = answer["data"]["search"]["formations"]
    assert formations["totalCount"] == 100
    assert [edge["node"] for edge in formations["edges"]] == [
        {"intitule": "CAP BOULANGER", "rendezVous": None}
    ] * 100
    assert [(error["path"][3:], error["extensions"]["code"]) for error in answer["errors"]] == [
        ([index, "node", "rendezVous"], "SOURCE_UNAVAILABLE") for index in range(100)
    ]


WITH_SOURCES = """{ search(criteria: {romes: ["D1102"]}) {
  sources { name status elapsedMs message } formations { %s } } }"""


async def _rendez_vous_row(gateway: Gateway, selection: str) -> dict[str, Any]:
    answer = await gateway.ask(WITH_SOURCES % selection)
    [row] = [row for row in answer["data"]["search"]["sources"] if row["name"] == "RENDEZ_VOUS"]
    found: dict[str, Any] = row
    return found


@pytest.mark.parametrize(
    "selection", ["edges { node { rendezVous { open } } }", "plusProches { node { rendezVous { open } } }"]
)
async def test_the_sources_report_the_call_for_slots(gateway: Gateway, selection: str) -> None:
    gateway.scripts.answer("SearchFormations", page("a", plus_proches=[_proche("n")]))
    gateway.scripts.answer("ListCreneaux", _creneaux("a", "n"))
    row = await _rendez_vous_row(gateway, selection)
    assert (row["status"], row["message"]) == ("OK", None)
    assert row["elapsedMs"] >= 0

    gateway.scripts.fail("ListCreneaux", UpstreamUnavailable("away"))
    row = await _rendez_vous_row(gateway, selection)
    assert row["status"] == "UNAVAILABLE"
    assert "indisponible" in row["message"]
    assert row["elapsedMs"] >= 0


@pytest.mark.parametrize("found", [[], ["a"]])
async def test_slots_without_rows_or_selection_are_not_requested(gateway: Gateway, found: list[str]) -> None:
    gateway.scripts.answer("SearchFormations", page(*found))
    selection = "edges { node { id } }" if found else "edges { node { rendezVous { open } } }"

    row = await _rendez_vous_row(gateway, selection)

    assert row == {"name": "RENDEZ_VOUS", "status": "NOT_ASKED", "elapsedMs": None, "message": None}
    assert gateway.scripts.called("ListCreneaux") == 0
