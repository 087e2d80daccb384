from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from protos import geo_pb2, matcha_pb2, matcha_pb2_grpc
from services.common.mongo import open_database
from services.france.clock import Clock
from services.matcha.limits import Limits
from services.matcha.rights import issue_token
from services.matcha.store import BesoinStore
from tests.support.matcha.builders import LIMITS, NOW, OTHER_SIRET, SECRET, SIRET, a_request
from tests.support.matcha.serving import serving_matcha

LIMITE_ATTEINTE = matcha_pb2.BESOIN_REFUS_CODE_LIMITE_ATTEINTE
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@asynccontextmanager
async def _serving(
    url: str, name: str, limits: Limits = LIMITS, clock: Clock = lambda: NOW
) -> AsyncIterator[matcha_pb2_grpc.MatchaAsyncStub]:
    async with (
        open_database(url, name) as database,
        serving_matcha(BesoinStore(database), limits, clock) as stub,
    ):
        yield stub


@pytest.fixture
async def stub(database_url: str, database_name: str) -> AsyncIterator[matcha_pb2_grpc.MatchaAsyncStub]:
    async with _serving(database_url, database_name) as stub:
        yield stub


async def _post(
    stub: matcha_pb2_grpc.MatchaAsyncStub, caller: str = "", **changes: Any
) -> matcha_pb2.CreateBesoinResponse:
    metadata = (("x-caller", caller),) if caller else ()
    return await stub.CreateBesoin(a_request(**changes), metadata=metadata)


def _bearer() -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {issue_token(SECRET, SIRET, datetime.now(UTC), timedelta(hours=1))}"),)


def _refused(answers: Sequence[matcha_pb2.CreateBesoinResponse]) -> list[int]:
    return [answer.refuse.code for answer in answers if answer.HasField("refuse")]


async def test_of_fifty_needs_of_one_client_for_one_company_at_once_two_wait(
    database_url: str, database_name: str
) -> None:
    async with (
        _serving(database_url, database_name) as one,
        _serving(database_url, database_name) as other,
    ):
        answers = await asyncio.gather(
            *(
                _post((one, other)[number % 2], "client", intitule=f"Apprenti {LETTERS[number]} {number}")
                for number in range(50)
            )
        )

    assert _refused(answers) == [LIMITE_ATTEINTE] * 48


async def test_strangers_take_no_place_of_the_company_nor_of_its_recruiter(
    stub: matcha_pb2_grpc.MatchaAsyncStub,
) -> None:
    for number in range(6):
        await _post(stub, f"stranger {number // 2}", intitule=f"Apprenti {number}")

    own = await _post(stub, "company", intitule="Boulanger")
    with_token = await stub.CreateBesoin(
        a_request(intitule="Pâtissier"), metadata=(*_bearer(), ("x-caller", "stranger 0"))
    )

    assert own.besoin.statut == matcha_pb2.BESOIN_STATUT_EN_ATTENTE
    assert with_token.besoin.statut == matcha_pb2.BESOIN_STATUT_ACTIF


async def test_recruiter_is_not_counted(stub: matcha_pb2_grpc.MatchaAsyncStub) -> None:
    metadata = (*_bearer(), ("x-caller", "company"))
    for number in range(12):
        answer = await stub.CreateBesoin(a_request(intitule=f"Apprenti {number}"), metadata=metadata)
        assert answer.HasField("besoin")

    assert (await _post(stub, "company", intitule="Sans jeton")).HasField("besoin")


async def test_client_is_told_until_when_and_how_else(database_url: str, database_name: str) -> None:
    now = NOW

    def clock() -> datetime:
        return now

    async with _serving(database_url, database_name, LIMITS, clock) as stub:
        for number in range(2):
            await _post(stub, "client", intitule=f"Apprenti {number}")
        refuse = (await _post(stub, "client", intitule="Apprenti 2")).refuse
        now = NOW + timedelta(weeks=1)
        after_a_week = await _post(stub, "client", intitule="Apprenti 2", start_le="2027-09-01")

    assert refuse.message == (
        "Trop de besoins ont été déposés depuis votre connexion pour cette entreprise\u00a0: "
        "vous pourrez en déposer un autre à partir du 17 mars 2027 à 10 h 30, "
        "ou dès maintenant avec le lien de connexion d'un recruteur."
    )
    assert after_a_week.HasField("besoin")


async def test_client_posts_so_many_a_day_for_all_companies(database_url: str, database_name: str) -> None:
    limits = replace(LIMITS, caller_per_day=3)
    sirets = [SIRET, OTHER_SIRET]
    async with _serving(database_url, database_name, limits) as stub:
        answers = [
            await _post(stub, "client", siret=sirets[number % 2], intitule=f"Apprenti {number}")
            for number in range(4)
        ]
        unnamed = [await _post(stub, siret=siret, intitule="Sans nom") for siret in sirets]

    assert _refused(answers) == [LIMITE_ATTEINTE]
    assert "11 mars 2027 à 10 h 30" in answers[3].refuse.message
    assert _refused(unnamed) == []


async def test_clients_that_nobody_named_are_one_for_a_company(stub: matcha_pb2_grpc.MatchaAsyncStub) -> None:
    answers = [await _post(stub, intitule=f"Apprenti {number}") for number in range(3)]

    assert _refused(answers) == [LIMITE_ATTEINTE]


async def test_need_posted_twice_is_one_whoever_posts_it(
    stub: matcha_pb2_grpc.MatchaAsyncStub, database_url: str, database_name: str
) -> None:
    contact = matcha_pb2.Contact(prenom="Autre", nom="Personne", email="autre@exemple.fr")
    spelled_otherwise = {"intitule": "  APPRENTI  Boulanger", "contact": contact}

    answers = await asyncio.gather(
        *(
            _post(stub, f"client {number}", **(spelled_otherwise if number % 2 else {}))
            for number in range(20)
        )
    )

    assert len({answer.besoin.id for answer in answers}) == 1
    assert b"Martin" not in answers[0].SerializeToString().replace(b"Boulangerie Martin", b"")
    with MongoClient[dict[str, Any]](database_url) as client:
        assert client[database_name]["besoins"].count_documents({}) == 1


async def test_need_that_one_client_posts_many_times_at_once_is_one_and_counted_once(
    stub: matcha_pb2_grpc.MatchaAsyncStub,
) -> None:
    answers = await asyncio.gather(*(_post(stub, "client") for _ in range(20)))
    second = await _post(stub, "client", intitule="Autre besoin")
    third = await _post(stub, "client", intitule="Encore un")

    assert len({answer.besoin.id for answer in answers}) == 1
    assert _refused([*answers, second]) == []
    assert _refused([third]) == [LIMITE_ATTEINTE]


@pytest.mark.parametrize(
    "changes",
    [
        {"siret": OTHER_SIRET},
        {"intitule": "Apprenti pâtissier"},
        {"romes": ["D1104"]},
        {"quantite": 2},
        {"description": "Du matin"},
        {"start_le": "2027-10-01"},
        {"duree_mois": 12},
        {"rythme": matcha_pb2.RYTHME_SIX_SEMAINES_SIX_SEMAINES},
        {"niveau": 4},
        {"contrats": [matcha_pb2.BESOIN_CONTRAT_PROFESSIONNALISATION]},
        {"lieu": geo_pb2.Lieu(commune="Lyon", point=geo_pb2.Point(latitude=45.76, longitude=4.84))},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_need_of_other_content_is_another(
    stub: matcha_pb2_grpc.MatchaAsyncStub, changes: dict[str, Any]
) -> None:
    first = await _post(stub)

    second = await _post(stub, **changes)

    assert second.besoin.id not in ("", first.besoin.id)


async def test_key_rules_before_the_content(stub: matcha_pb2_grpc.MatchaAsyncStub) -> None:
    first = await _post(stub, cle_idempotence="a-key-of-mine")

    same_content = await _post(stub, cle_idempotence="another-key")
    other_content = await _post(stub, cle_idempotence="a-key-of-mine", intitule="Autre besoin")

    assert same_content.besoin.id == first.besoin.id
    assert other_content.refuse.code == matcha_pb2.BESOIN_REFUS_CODE_CLE_DEJA_UTILISEE


@pytest.mark.parametrize(("field", "value"), [("statut", "POURVU"), ("statut", "ANNULE"), ("expire_le", NOW)])
async def test_need_that_is_over_may_be_posted_again(
    stub: matcha_pb2_grpc.MatchaAsyncStub, database_url: str, database_name: str, field: str, value: object
) -> None:
    first = await _post(stub)
    with MongoClient[dict[str, Any]](database_url) as client:
        client[database_name]["besoins"].update_one({}, {"$set": {field: value}})

    assert (await _post(stub)).besoin.id not in ("", first.besoin.id)


async def test_need_that_was_validated_is_still_the_same(
    stub: matcha_pb2_grpc.MatchaAsyncStub, database_url: str, database_name: str
) -> None:
    first = await _post(stub)
    with MongoClient[dict[str, Any]](database_url) as client:
        client[database_name]["besoins"].update_one({}, {"$set": {"statut": "ACTIF"}})

    again = await _post(stub)

    assert (again.besoin.id, again.besoin.statut) == (first.besoin.id, matcha_pb2.BESOIN_STATUT_ACTIF)


async def test_name_of_the_client_is_stored_nowhere(
    stub: matcha_pb2_grpc.MatchaAsyncStub, database_url: str, database_name: str
) -> None:
    await _post(stub, "name-of-the-client")

    with MongoClient[dict[str, Any]](database_url) as client:
        database = client[database_name]
        stored = {name: list(database[name].find()) for name in database.list_collection_names()}
    assert len(stored["quotas"]) == 2
    assert "name-of-the-client" not in str(stored)
