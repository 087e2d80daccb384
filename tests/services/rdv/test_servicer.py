from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from deploy.local.engines.mongod import Mongod
from protos import rdv_pb2, rdv_pb2_grpc
from services.common.errors import InvalidRequest, from_rpc
from services.common.mongo import open_database
from services.common.server import running_server
from services.rdv.creneau import encode_id
from services.rdv.servicer import RdvServicer
from services.rdv.store import RendezVousStore
from tests.support.health import watch_health
from tests.support.logs import LogLines, lines_once_logged
from tests.support.rdv.builders import (
    EMAIL,
    LIMITS,
    SIRET,
    a_creneau,
    a_request,
    thursday,
)
from tests.support.rdv.serving import LEAD, NAME, serving_rdv
from tests.support.work import called_on_this_thread


@pytest.fixture
async def stub(database_url: str, database_name: str) -> AsyncIterator[rdv_pb2_grpc.RdvAsyncStub]:
    async with serving_rdv(database_url, database_name) as stub:
        yield stub


async def _problems(call: Any) -> list[str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    error = from_rpc(caught.value)
    assert isinstance(error, InvalidRequest)
    return [problem.field for problem in error.problems]


async def test_each_training_asked_for_has_its_row_in_order(stub: rdv_pb2_grpc.RdvAsyncStub) -> None:
    request = rdv_pb2.ListCreneauxRequest(formation_ids=["closed", "f1", "unknown", "f1"])

    answer = await stub.ListCreneaux(request)

    assert [(row.formation_id, row.open) for row in answer.formations] == [
        ("closed", False),
        ("f1", True),
        ("unknown", False),
        ("f1", True),
    ]


async def test_slots_are_listed_with_the_offset_of_france(stub: rdv_pb2_grpc.RdvAsyncStub) -> None:
    request = rdv_pb2.ListCreneauxRequest(formation_ids=["f1", "closed", "unknown"], first=1)

    open_, closed, unknown = (await stub.ListCreneaux(request)).formations

    assert open_ == rdv_pb2.FormationCreneaux(
        formation_id="f1",
        open=True,
        creneaux=[
            rdv_pb2.Creneau(
                id=a_creneau().id, start="2027-03-11T09:00:00+01:00", end="2027-03-11T09:30:00+01:00"
            )
        ],
    )
    assert closed == rdv_pb2.FormationCreneaux(formation_id="closed")
    assert unknown == rdv_pb2.FormationCreneaux(formation_id="unknown")


async def test_slots_begin_after_the_time_asked_for(stub: rdv_pb2_grpc.RdvAsyncStub) -> None:
    request = rdv_pb2.ListCreneauxRequest(
        formation_ids=["f1"], first=1, not_before="2027-03-11T10:45:00.5+01:00"
    )

    (row,) = (await stub.ListCreneaux(request)).formations

    assert row.creneaux[0].start == "2027-03-18T09:00:00+01:00"


async def test_no_slot_asked_for_still_says_open(stub: rdv_pb2_grpc.RdvAsyncStub) -> None:
    (row,) = (await stub.ListCreneaux(rdv_pb2.ListCreneauxRequest(formation_ids=["f1"]))).formations

    assert (row.open, list(row.creneaux)) == (True, [])


async def test_every_problem_of_a_list_is_told_at_once(stub: rdv_pb2_grpc.RdvAsyncStub) -> None:
    ids = ["", *(f"f{number}" for number in range(100))]

    problems = await _problems(
        stub.ListCreneaux(rdv_pb2.ListCreneauxRequest(formation_ids=ids, first=51, not_before="2027-03-11"))
    )

    assert problems == ["formation_ids[0]", "formation_ids", "first", "not_before"]


async def test_booked_slot_is_answered_without_personal_data_and_no_longer_listed(
    stub: rdv_pb2_grpc.RdvAsyncStub,
) -> None:
    answer = await stub.BookRendezVous(a_request())

    booked = answer.rendez_vous
    assert (booked.formation_id, booked.siret, booked.cree_le) == ("f1", SIRET, "2027-03-10T09:30:00Z")
    assert booked.creneau.id == a_creneau().id
    assert booked.statut == rdv_pb2.RENDEZ_VOUS_STATUT_CONFIRME
    assert len(booked.id) == 32
    assert b"Silva" not in answer.SerializeToString()
    # The other training of the same centre shares its slots.
    for row in (
        await stub.ListCreneaux(rdv_pb2.ListCreneauxRequest(formation_ids=["f1", "f2"], first=1))
    ).formations:
        assert row.creneaux[0].start == "2027-03-11T09:30:00+01:00"


async def test_of_fifty_candidates_one_succeeds_and_the_others_are_proposed_the_next_slots(
    stub: rdv_pb2_grpc.RdvAsyncStub,
) -> None:
    requests = [
        a_request(email=f"candidat{number}@example.org", telephone=f"06000000{number:02}")
        for number in range(50)
    ]

    answers = await asyncio.gather(*(stub.BookRendezVous(request) for request in requests))

    refusals = [answer.refuse for answer in answers if answer.HasField("refuse")]
    assert len(refusals) == 49
    assert {refuse.code for refuse in refusals} == {rdv_pb2.RENDEZ_VOUS_REFUS_CODE_CRENEAU_PRIS}
    assert [creneau.start[11:16] for creneau in refusals[0].creneaux] == ["09:30", "10:00", "10:30"]


async def test_repeated_call_gives_back_the_same_appointment(stub: rdv_pb2_grpc.RdvAsyncStub) -> None:
    request = a_request(cle_idempotence="a-key-of-mine")

    answers = await asyncio.gather(*(stub.BookRendezVous(request) for _ in range(20)))
    last = await stub.BookRendezVous(request)
    other = await stub.BookRendezVous(a_request(cle_idempotence="a-key-of-mine", message="autre"))

    assert {answer.rendez_vous.id for answer in answers} == {last.rendez_vous.id}
    assert other.refuse.code == rdv_pb2.RENDEZ_VOUS_REFUS_CODE_CLE_DEJA_UTILISEE


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"formation_id": "closed"}, rdv_pb2.RENDEZ_VOUS_REFUS_CODE_FORMATION_FERMEE),
        ({"formation_id": "unknown"}, rdv_pb2.RENDEZ_VOUS_REFUS_CODE_FORMATION_FERMEE),
        ({"creneau_id": "nonsense"}, rdv_pb2.RENDEZ_VOUS_REFUS_CODE_CRENEAU_INDISPONIBLE),
        (
            {"creneau_id": encode_id(SIRET, thursday(8, 5))},
            rdv_pb2.RENDEZ_VOUS_REFUS_CODE_CRENEAU_INDISPONIBLE,
        ),
    ],
)
async def test_what_cannot_be_booked_is_refused_in_french(
    stub: rdv_pb2_grpc.RdvAsyncStub, changes: dict[str, str], code: rdv_pb2.RendezVousRefusCode.ValueType
) -> None:
    refuse = (await stub.BookRendezVous(a_request(**changes))).refuse

    assert refuse.code == code
    assert refuse.message.endswith(".")
    assert bool(refuse.creneaux) is (code == rdv_pb2.RENDEZ_VOUS_REFUS_CODE_CRENEAU_INDISPONIBLE)


async def test_same_candidate_is_told_to_wait(stub: rdv_pb2_grpc.RdvAsyncStub) -> None:
    await stub.BookRendezVous(a_request())

    for creneau in (a_creneau(), a_creneau(thursday(9))):
        again = await stub.BookRendezVous(a_request(creneau_id=creneau.id, email=EMAIL.upper()))
        assert again.refuse.code == rdv_pb2.RENDEZ_VOUS_REFUS_CODE_DEJA_DEMANDE


async def test_every_problem_of_a_booking_is_told_at_once(stub: rdv_pb2_grpc.RdvAsyncStub) -> None:
    request = rdv_pb2.BookRendezVousRequest(
        candidat=rdv_pb2.Candidat(prenom="A" * 51, nom="a\nb", email="x", telephone="12"),
        message="a" * 2001,
        cle_idempotence="short",
    )

    assert await _problems(stub.BookRendezVous(request)) == [
        "formation_id",
        "creneau_id",
        "candidat.prenom",
        "candidat.nom",
        "message",
        "candidat.email",
        "candidat.telephone",
        "cle_idempotence",
    ]


async def test_health_follows_the_database(private_mongod: Mongod) -> None:
    async with open_database(private_mongod.url, "test") as database:
        store = RendezVousStore(database)
        servicer = RdvServicer(store, LEAD, LIMITS)

        def add(server: grpc.aio.Server) -> None:
            rdv_pb2_grpc.add_RdvServicer_to_server(servicer, server)

        async with (
            running_server(NAME, add, store.ping) as port,
            grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
        ):
            statuses = watch_health(channel, NAME)
            assert await anext(statuses) == health_pb2.HealthCheckResponse.SERVING
            await asyncio.to_thread(private_mongod.stop)
            assert await anext(statuses) == health_pb2.HealthCheckResponse.NOT_SERVING
            await statuses.aclose()
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await rdv_pb2_grpc.RdvStub(channel).BookRendezVous(a_request())
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_logs_hold_no_address(stub: rdv_pb2_grpc.RdvAsyncStub, log_lines: LogLines) -> None:
    await stub.BookRendezVous(a_request())
    await stub.BookRendezVous(a_request())

    lines = await lines_once_logged(log_lines, 2)
    assert [line["status"] for line in lines] == ["OK", "OK"]
    assert EMAIL.lower() not in str(lines).lower()
    assert "Silva" not in str(lines)


async def test_event_loop_does_not_compute_slots(stub: rdv_pb2_grpc.RdvAsyncStub) -> None:
    with called_on_this_thread() as called:
        answer = await stub.ListCreneaux(rdv_pb2.ListCreneauxRequest(formation_ids=["f1"], first=2))
        await stub.BookRendezVous(a_request())
        refused = await stub.BookRendezVous(a_request(email="other@example.org"))

    assert len(answer.formations[0].creneaux) == 2
    assert refused.refuse.creneaux
    assert "RdvServicer.ListCreneaux" in called
    assert "Accueil.next_creneaux" not in called
