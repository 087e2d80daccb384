from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from protos import rdv_pb2, rdv_pb2_grpc
from services.rdv.creneau import Regle, creneaux
from services.rdv.rendez_vous import Accueil, Candidat
from tests.support.rdv.builders import LIMITS, NOW, SIRET, a_demande, a_request
from tests.support.rdv.serving import serving_rdv

EVERY_DAY = [Regle(jour=day, start=time(9), end=time(12), duree_min=15) for day in range(5)]
SLOTS = list(creneaux(SIRET, EVERY_DAY, NOW + timedelta(hours=2), NOW + timedelta(weeks=8)))
LIMITE_ATTEINTE = rdv_pb2.RENDEZ_VOUS_REFUS_CODE_LIMITE_ATTEINTE

WIDE = replace(
    LIMITS,
    caller_per_hour=1_000,
    caller_per_day=1_000,
    caller_per_centre=1_000,
    candidat_at_once=1_000,
    candidat_per_day=1_000,
    centre_at_least=1_000,
)


async def _book(
    stub: rdv_pb2_grpc.RdvAsyncStub, number: int, caller: str = "", **changes: Any
) -> rdv_pb2.RendezVousRefuse | None:
    """Book a slot of its own, for a candidate of its own unless `changes` say who; None if it succeeds."""
    of_its_own = {"email": f"candidat{number}@example.org", "telephone": f"06{number:08}"}
    request = a_request(creneau_id=SLOTS[number].id, **{**of_its_own, **changes})
    answer = await stub.BookRendezVous(request, metadata=(("x-caller", caller),) if caller else ())
    return answer.refuse if answer.HasField("refuse") else None


def _refused(outcomes: Sequence[rdv_pb2.RendezVousRefuse | None]) -> list[int]:
    return [refuse.code for refuse in outcomes if refuse is not None]


async def test_of_fifty_bookings_of_one_client_at_once_five_succeed(
    database_url: str, database_name: str
) -> None:
    limits = replace(WIDE, caller_per_hour=5)
    async with (
        serving_rdv(database_url, database_name, limits, regles=EVERY_DAY) as one,
        serving_rdv(database_url, database_name, limits, regles=EVERY_DAY) as other,
    ):
        outcomes = await asyncio.gather(
            *(_book((one, other)[number % 2], number, "client") for number in range(50))
        )
        from_elsewhere = await _book(one, 50, "another client")

    assert _refused(outcomes) == [LIMITE_ATTEINTE] * 45
    assert from_elsewhere is None


async def test_client_is_told_until_when_and_then_books(database_url: str, database_name: str) -> None:
    now = NOW

    def clock() -> datetime:
        return now

    limits = replace(WIDE, caller_per_hour=2, caller_per_day=3)
    async with serving_rdv(database_url, database_name, limits, clock, EVERY_DAY) as stub:
        for number in range(2):
            assert await _book(stub, number, "client") is None
        refuse = await _book(stub, 2, "client")
        now = NOW + timedelta(hours=1)
        third = await _book(stub, 2, "client")
        after_a_day = await _book(stub, 3, "client")

    assert refuse is not None
    assert refuse.message == (
        "Trop de rendez-vous ont été demandés depuis votre connexion\u00a0: "
        "vous pourrez en demander un autre à partir du 10 mars 2027 à 11 h 30."
    )
    assert third is None
    assert after_a_day is not None
    assert "11 mars 2027 à 10 h 30" in after_a_day.message


async def test_client_does_not_use_up_the_day_of_a_centre(database_url: str, database_name: str) -> None:
    limits = replace(WIDE, caller_per_centre=3, centre_at_least=10, centre_percent_per_day=0)
    async with serving_rdv(database_url, database_name, limits, regles=EVERY_DAY) as stub:
        of_one = await asyncio.gather(*(_book(stub, number, "client") for number in range(20)))
        of_others = [await _book(stub, number, f"client {number}") for number in range(20, 27)]
        no_more = await _book(stub, 30, "client 30")

    assert _refused(of_one) == [LIMITE_ATTEINTE] * 17
    assert {refuse.message.partition("\u00a0")[0] for refuse in of_one if refuse is not None} == {
        "Trop de rendez-vous avec ce centre de formation ont été demandés depuis votre connexion"
    }
    assert _refused(of_others) == []
    assert _refused([no_more]) == [LIMITE_ATTEINTE]


async def test_client_that_nobody_named_is_not_counted(database_url: str, database_name: str) -> None:
    limits = replace(WIDE, caller_per_hour=1, caller_per_day=1)
    async with serving_rdv(database_url, database_name, limits, regles=EVERY_DAY) as stub:
        outcomes = [await _book(stub, number) for number in range(3)]

    assert _refused(outcomes) == []


@pytest.mark.parametrize(
    "who",
    [
        [{"email": "Ana@Example.org"}, {"email": "ana@example.org"}, {"email": "ANA+2@example.org"}],
        [{"telephone": "06 12 34 56 78"}, {"telephone": "0612345678"}, {"telephone": "06.12.34.56.78"}],
    ],
    ids=["address", "telephone"],
)
async def test_candidate_is_the_same_from_any_client_and_however_spelled(
    database_url: str, database_name: str, who: list[dict[str, str]]
) -> None:
    limits = replace(WIDE, candidat_at_once=1)
    async with serving_rdv(database_url, database_name, limits, regles=EVERY_DAY) as stub:
        first = await _book(stub, 0, "client 0", **who[0])
        others = [
            await _book(stub, number, f"client {number}", formation_id="f2", **each)
            for number, each in enumerate(who[1:], start=1)
        ]
        somebody_else = await _book(stub, 3, "client 3")

    assert first is None
    assert _refused(others) == [LIMITE_ATTEINTE] * 2
    assert somebody_else is None


async def test_candidate_is_refused_a_third_training_until_an_appointment_is_over(
    database_url: str, database_name: str
) -> None:
    limits = replace(WIDE, candidat_at_once=2)
    async with serving_rdv(database_url, database_name, limits, regles=EVERY_DAY) as stub:
        same_telephone = {"telephone": "0612345678"}
        outcomes = [await _book(stub, number, **same_telephone) for number in (1, 0, 2)]

    assert _refused(outcomes) == [LIMITE_ATTEINTE]
    assert outcomes[2] is not None
    # The first appointment to end is that of the first slot, at 9:15.
    assert "avec ce courriel ou ce numéro de téléphone" in outcomes[2].message
    assert "à partir du 11 mars 2027 à 9 h 15" in outcomes[2].message


async def test_centre_takes_so_many_a_day_even_when_bookings_race(
    database_url: str, database_name: str
) -> None:
    now = NOW

    def clock() -> datetime:
        return now

    limits = replace(WIDE, centre_at_least=3, centre_percent_per_day=0)
    async with serving_rdv(database_url, database_name, limits, clock, EVERY_DAY) as stub:
        outcomes = await asyncio.gather(*(_book(stub, number, f"c{number}") for number in range(20)))
        now = NOW + timedelta(hours=14, minutes=30)
        next_day = await _book(stub, 100, "c100")

    refused = [refuse for refuse in outcomes if refuse is not None]
    assert [refuse.code for refuse in refused] == [LIMITE_ATTEINTE] * 17
    assert "à partir du 11 mars 2027 à 0 h 00" in refused[0].message
    assert next_day is None


async def test_booking_that_fails_takes_nothing(database_url: str, database_name: str) -> None:
    now = NOW

    def clock() -> datetime:
        return now

    limits = replace(WIDE, caller_per_day=2, centre_at_least=1, centre_percent_per_day=0)
    async with serving_rdv(database_url, database_name, limits, clock, EVERY_DAY) as stub:
        assert await _book(stub, 50, "winner") is None
        of_centre = [await _book(stub, number, "loser") for number in range(51, 55)]
        slot_taken = [await _book(stub, 50, "loser", email=f"{number}@example.org") for number in range(4)]
        now = NOW + timedelta(hours=14, minutes=30)
        next_day = await _book(stub, 60, "loser")

    assert _refused(of_centre) == [LIMITE_ATTEINTE] * 4
    assert _refused(slot_taken) == [rdv_pb2.RENDEZ_VOUS_REFUS_CODE_CRENEAU_PRIS] * 4
    assert next_day is None


async def test_repeated_call_is_counted_once(database_url: str, database_name: str) -> None:
    limits = replace(WIDE, caller_per_hour=2)
    async with serving_rdv(database_url, database_name, limits, regles=EVERY_DAY) as stub:
        key = {"cle_idempotence": "a-key-of-mine"}
        repeated = await asyncio.gather(*(_book(stub, 0, "client", **key) for _ in range(10)))
        other = await _book(stub, 1, "client")
        too_many = await _book(stub, 2, "client")

    assert _refused([*repeated, other]) == []
    assert _refused([too_many]) == [LIMITE_ATTEINTE]


async def test_name_of_the_client_is_stored_nowhere(database_url: str, database_name: str) -> None:
    async with serving_rdv(database_url, database_name, regles=EVERY_DAY) as stub:
        await _book(stub, 0, "name-of-the-client")

    with MongoClient[dict[str, Any]](database_url) as client:
        database = client[database_name]
        stored = {name: list(database[name].find()) for name in database.list_collection_names()}
    assert len(stored["quotas"]) == 4
    (of_appointment,) = stored["rendez_vous"]
    assert of_appointment["demande"] not in str(stored["quotas"])
    assert "name-of-the-client" not in str(stored)
    assert "candidat0@example.org" not in str(stored["quotas"])


def test_share_of_a_centre_follows_its_slots() -> None:
    limits = replace(LIMITS, centre_at_least=10, centre_percent_per_day=10)
    small = Accueil("f1", SIRET, (EVERY_DAY[0],))
    large = Accueil("f1", SIRET, tuple(EVERY_DAY))

    allowances = [limits.allowance(a_demande(), accueil, "", NOW) for accueil in (small, large)]

    # 7 Mondays of 12 slots, since one is Easter's; 39 days of 12 slots, and 4 of the day that has begun.
    assert [accueil.count_creneaux(NOW) for accueil in (small, large)] == [84, 472]
    assert [allowance.centre_per_day for allowance in allowances] == [10, 48]


def test_shares_are_of_the_client_the_address_and_the_telephone() -> None:
    candidat = Candidat("Ana", "Silva", "ana@example.org", "0612345678")

    allowance = LIMITS.allowance(a_demande(candidat=candidat), Accueil("f1", SIRET), "client", NOW)

    assert [(share.name, share.subject) for share in allowance.shares] == [
        ("caller", "client"),
        ("caller_at_centre", f"client\n{SIRET}"),
        ("candidat", "ana@example.org"),
        ("candidat", "0612345678"),
    ]
