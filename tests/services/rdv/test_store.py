from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from services.common.idempotency import Idempotency, KeyReused
from services.common.mongo import open_database
from services.rdv.rendez_vous import CreneauPris, DejaDemande, RendezVous
from services.rdv.store import RendezVousStore, booked_query, regles_pipeline
from tests.support.rdv.builders import (
    GENEROUS,
    NOW,
    OTHER_SIRET,
    SIRET,
    THURSDAY,
    a_creneau,
    a_demande,
    thursday,
)


@pytest.fixture
async def store(database_url: str, database_name: str) -> Any:
    async with open_database(database_url, database_name) as opened:
        store = RendezVousStore(opened)
        await store.replace_formations({"f1": SIRET, "f2": SIRET, "f3": OTHER_SIRET})
        await store.replace_fictives({SIRET: [THURSDAY]})
        yield store


@pytest.fixture
def database(database_url: str, database_name: str) -> Iterator[Database[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](database_url) as client:
        yield client[database_name]


async def test_trainings_come_with_their_rules_and_appointments(store: RendezVousStore) -> None:
    await store.book(a_demande(), a_creneau(), GENEROUS, NOW)

    accueils = await store.accueils(["f1", "f2", "f3", "unknown", "f1"], NOW)

    assert sorted(accueils) == ["f1", "f2", "f3"]
    assert accueils["f1"].regles == (THURSDAY,)
    assert accueils["f1"].booked == accueils["f2"].booked == [(thursday(8), thursday(8, 30))]
    assert (accueils["f3"].regles, accueils["f3"].booked) == ((), ())


async def test_appointments_that_are_over_are_not_read(store: RendezVousStore) -> None:
    await store.book(a_demande(), a_creneau(), GENEROUS, NOW)

    assert (await store.accueils(["f1"], thursday(8, 29)))["f1"].booked != ()
    assert (await store.accueils(["f1"], thursday(8, 30)))["f1"].booked == ()


async def test_of_fifty_candidates_for_one_slot_one_gets_it(store: RendezVousStore) -> None:
    demandes = [a_demande(f"candidat{number}@example.org") for number in range(50)]

    outcomes = await asyncio.gather(
        *(store.book(demande, a_creneau(), GENEROUS, NOW) for demande in demandes), return_exceptions=True
    )

    assert sum(isinstance(outcome, RendezVous) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, CreneauPris) for outcome in outcomes) == 49


async def test_candidate_who_asks_many_times_at_once_gets_one_appointment(store: RendezVousStore) -> None:
    creneaux = [a_creneau(thursday(8) + timedelta(hours=number)) for number in range(10)]

    outcomes = await asyncio.gather(
        *(store.book(a_demande(), creneau, GENEROUS, NOW) for creneau in creneaux), return_exceptions=True
    )

    assert sum(isinstance(outcome, RendezVous) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, DejaDemande) for outcome in outcomes) == 9


async def test_calls_with_one_key_that_race_book_once(store: RendezVousStore) -> None:
    demande = a_demande(idempotency=Idempotency("key-0001", "same"))

    booked = await asyncio.gather(*(store.book(demande, a_creneau(), GENEROUS, NOW) for _ in range(20)))

    assert len({rendez_vous.id for rendez_vous in booked}) == 1
    assert await store.find_same(demande) == booked[0]
    other = replace(demande, idempotency=Idempotency("key-0001", "other"))
    with pytest.raises(KeyReused):
        await store.find_same(other)
    with pytest.raises(KeyReused):
        await store.book(other, a_creneau(), GENEROUS, NOW)


async def test_same_training_may_be_asked_for_again_after_four_days(store: RendezVousStore) -> None:
    next_week = a_creneau(thursday() + timedelta(weeks=1))
    await store.book(a_demande(), a_creneau(), GENEROUS, NOW)

    almost = NOW + timedelta(days=3, hours=23)
    with pytest.raises(DejaDemande):
        await store.book(a_demande("ana.silva+2@example.org"), next_week, GENEROUS, almost)
    again = await store.book(a_demande(), next_week, GENEROUS, NOW + timedelta(days=4))

    assert again.creneau == next_week


async def test_other_training_may_be_asked_for_at_once(store: RendezVousStore) -> None:
    await store.book(a_demande(), a_creneau(), GENEROUS, NOW)

    booked = await store.book(a_demande(formation_id="f2"), a_creneau(thursday(9)), GENEROUS, NOW)

    assert booked.formation_id == "f2"


async def test_slot_that_overlaps_an_appointment_of_older_rules_is_taken(store: RendezVousStore) -> None:
    await store.book(a_demande(), a_creneau(thursday(8, 15)), GENEROUS, NOW)

    with pytest.raises(CreneauPris):
        await store.book(a_demande("b@example.org"), a_creneau(thursday(8, 30)), GENEROUS, NOW)


async def test_refused_candidate_may_try_another_slot(store: RendezVousStore) -> None:
    await store.book(a_demande(), a_creneau(), GENEROUS, NOW)
    other = a_demande("b@example.org")

    with pytest.raises(CreneauPris):
        await store.book(other, a_creneau(), GENEROUS, NOW)

    assert (await store.book(other, a_creneau(thursday(9)), GENEROUS, NOW)).creneau == a_creneau(thursday(9))


async def test_import_drops_trainings_that_are_gone_and_touches_nothing_of_people(
    store: RendezVousStore, database: Database[dict[str, Any]]
) -> None:
    await store.book(a_demande(), a_creneau(), GENEROUS, NOW)
    database["disponibilites"].insert_one({"_id": OTHER_SIRET, "regles": []})

    await store.replace_formations({"f1": SIRET, "f4": OTHER_SIRET})
    await store.replace_fictives({OTHER_SIRET: [THURSDAY]})

    accueils = await store.accueils(["f1", "f2", "f4"], NOW)
    assert sorted(accueils) == ["f1", "f4"]
    assert [accueils[id_].regles for id_ in ("f1", "f4")] == [(), ()]
    assert database["rendez_vous"].count_documents({}) == 1


async def test_main_queries_use_their_indexes(
    store: RendezVousStore, database: Database[dict[str, Any]]
) -> None:
    for number in range(20):
        creneau = a_creneau(thursday() + timedelta(hours=number))
        await store.book(a_demande(f"candidat{number}@example.org"), creneau, GENEROUS, NOW)

    columns = {"_id": 0, "siret": 1, "start": 1, "end": 1}
    plan = database["rendez_vous"].find(booked_query({SIRET}, NOW), columns).explain()
    assert "'indexName': 'slots_taken'" in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalDocsExamined"] == 0
    plan = database.command("aggregate", "formations", pipeline=regles_pipeline(["f1", "f2"]), explain=True)
    assert "'COLLSCAN'" not in str(plan)
