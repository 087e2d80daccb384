from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from typing import Any

import pytest

from tests.e2e.conftest import System
from tests.support.api import PARIS_30_KM, Api
from tests.support.repository import REPOSITORY

OPEN_FORMATION = """query Q($zone: ZoneInput!) { search(criteria: {romes: ["D1102", "G1602"], zone: $zone}) {
  formations(first: 50) { edges { node {
    id rendezVous { open nextCreneaux(first: 20) { id start end } } } } } } }"""

BOOK = """mutation Book($input: BookRendezVousInput!) { bookRendezVous(input: $input) {
  __typename
  ... on RendezVous { id siret statut creneau { id start } }
  ... on RendezVousRefuse { code message creneaux { id } } } }"""

CREATE = """mutation Create($input: CreateBesoinInput!) { createBesoin(input: $input) {
  __typename
  ... on BesoinMatcha { id intitule statut opco expireLe }
  ... on BesoinRefuse { code message } } }"""

BESOINS = """query Q($zone: ZoneInput!) { search(criteria: {romes: ["D1102"], zone: $zone}) {
  besoins(first: 100, sort: DATE) { edges { node { id intitule } } } } }"""

SIRET = "13002526500013"


async def _open_formation(api: Api) -> dict[str, Any]:
    edges = (await api.data(OPEN_FORMATION, zone=PARIS_30_KM))["search"]["formations"]["edges"]
    nodes: list[dict[str, Any]] = [edge["node"] for edge in edges]
    return next(node for node in nodes if node["rendezVous"]["nextCreneaux"])


def _booking(formation: dict[str, Any], creneau: dict[str, Any], **more: Any) -> dict[str, Any]:
    candidat = {"prenom": "Ada", "nom": "Martin", "email": f"{uuid.uuid4().hex}@exemple.fr"}
    return {"formationId": formation["id"], "creneauId": creneau["id"], "candidat": candidat} | more


async def test_of_many_who_book_one_slot_at_once_one_succeeds(api: Api) -> None:
    formation = await _open_formation(api)
    creneau = formation["rendezVous"]["nextCreneaux"][0]

    answers = await asyncio.gather(*(api.data(BOOK, input=_booking(formation, creneau)) for _ in range(20)))

    results = [answer["bookRendezVous"] for answer in answers]
    [booked] = [result for result in results if result["__typename"] == "RendezVous"]
    refused = [result for result in results if result["__typename"] == "RendezVousRefuse"]
    assert booked["creneau"]["id"] == creneau["id"]
    assert {result["code"] for result in refused} == {"CRENEAU_PRIS"}
    assert len(refused) == 19
    assert all(result["creneaux"] for result in refused)
    again = await _open_formation(api)
    assert creneau not in again["rendezVous"]["nextCreneaux"] or again["id"] != formation["id"]


async def test_the_same_key_gives_the_same_appointment(api: Api) -> None:
    formation = await _open_formation(api)
    booking = _booking(formation, formation["rendezVous"]["nextCreneaux"][1], cleIdempotence=uuid.uuid4().hex)

    first, second = [(await api.data(BOOK, input=booking))["bookRendezVous"] for _ in range(2)]

    assert first["__typename"] == "RendezVous"
    assert second == first


async def test_every_problem_of_a_booking_is_said_at_once(api: Api) -> None:
    formation = await _open_formation(api)
    booking = _booking(formation, formation["rendezVous"]["nextCreneaux"][2])
    booking["candidat"] |= {"email": "nobody", "prenom": "", "telephone": "12"}

    answer = await api.post(BOOK, input=booking)

    problems = answer["errors"][0]["extensions"]["problems"]
    assert {problem["field"] for problem in problems} == {
        "input.candidat.email",
        "input.candidat.prenom",
        "input.candidat.telephone",
    }


async def test_a_slot_that_is_none_is_a_refusal(api: Api) -> None:
    formation = await _open_formation(api)

    result = (await api.data(BOOK, input=_booking(formation, {"id": "nothing"})))["bookRendezVous"]

    assert result["code"] == "CRENEAU_INDISPONIBLE"


def _besoin(intitule: str, **more: Any) -> dict[str, Any]:
    return {
        "siret": SIRET,
        "raisonSociale": "Boulangerie d'essai",
        "lieu": {
            "commune": "Paris",
            "insee": "75104",
            "point": {"latitude": 48.8566, "longitude": 2.3522},
        },
        "contact": {"prenom": "Ada", "nom": "Martin", "email": "ada@exemple.fr"},
        "intitule": intitule,
        "romes": ["D1102"],
    } | more


def _token(system: System, siret: str) -> dict[str, str]:
    answer = subprocess.run(
        [sys.executable, "-m", "deploy.local.recruiter_token", siret, "--state", str(system.state)],
        cwd=REPOSITORY,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return {"authorization": f"Bearer {answer.stdout.strip()}"}


async def test_a_recruiter_posts_a_need_that_is_found_at_once(api: Api, system: System) -> None:
    intitule = f"Boulanger {uuid.uuid4().hex[:8]}"

    created = (await api.data(CREATE, _token(system, SIRET), input=_besoin(intitule)))["createBesoin"]

    assert created["statut"] == "ACTIF"
    edges = (await api.data(BESOINS, zone=PARIS_30_KM))["search"]["besoins"]["edges"]
    assert {"id": created["id"], "intitule": intitule} in [edge["node"] for edge in edges]


async def test_without_a_token_a_need_waits_and_is_not_found(api: Api) -> None:
    intitule = f"Boulanger {uuid.uuid4().hex[:8]}"

    created = (await api.data(CREATE, input=_besoin(intitule)))["createBesoin"]

    assert created["statut"] == "EN_ATTENTE"
    edges = (await api.data(BESOINS, zone=PARIS_30_KM))["search"]["besoins"]["edges"]
    assert created["id"] not in [edge["node"]["id"] for edge in edges]
    answer = await api.post("query Q($id: ID!) { node(id: $id) { id } }", id=created["id"])
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("siret", "code"), [("13002526500013", "UNAUTHENTICATED"), ("73282932000074", "FORBIDDEN")]
)
async def test_a_token_without_the_right_is_refused(api: Api, system: System, siret: str, code: str) -> None:
    headers = _token(system, siret)
    if code == "UNAUTHENTICATED":
        headers = {"authorization": headers["authorization"][:-6] + "AAAAAA"}

    answer = await api.post(CREATE, headers, input=_besoin("Boulanger"))

    assert answer["data"] is None or answer["data"] == {"createBesoin": None}
    assert answer["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize("start", ["2020-01-01", "demain"])
async def test_every_problem_of_a_need_is_said_at_once(api: Api, start: str) -> None:
    besoin = _besoin(
        "écrire à a@b.fr", siret="12345678901234", romes=[], dureeMois=2, quantite=11, startLe=start
    )

    answer = await api.post(CREATE, input=besoin)

    problems = answer["errors"][0]["extensions"]["problems"]
    assert {problem["field"] for problem in problems} == {
        "input.intitule",
        "input.siret",
        "input.romes",
        "input.dureeMois",
        "input.quantite",
        "input.startLe",
    }
