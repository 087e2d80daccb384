from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo import MongoClient

from deploy.local.engines.mongod import Mongod
from protos import geo_pb2, jobs_pb2, matcha_pb2, matcha_pb2_grpc
from services.common.cursor import encode_cursor, search_digest
from services.common.errors import InvalidRequest, from_rpc
from services.common.mongo import open_database
from services.common.server import running_server
from services.matcha.besoin import Statut
from services.matcha.rights import Recruteurs, issue_token
from services.matcha.servicer import MatchaServicer
from services.matcha.store import BesoinStore
from tests.support.common.cursors import check_judged, tampered
from tests.support.health import watch_health
from tests.support.logs import LogLines, lines_once_logged
from tests.support.matcha.builders import (
    EMAIL,
    LIMITS,
    NOW,
    OTHER_SIRET,
    SECRET,
    SIRET,
    a_besoin,
    a_depot,
    a_fictif,
    a_request,
)
from tests.support.matcha.serving import NAME, serving_matcha
from tests.support.work import called_on_this_thread


@pytest.fixture
async def store(database_url: str, database_name: str) -> AsyncIterator[BesoinStore]:
    async with open_database(database_url, database_name) as database:
        yield BesoinStore(database)


@pytest.fixture
async def stub(store: BesoinStore) -> AsyncIterator[matcha_pb2_grpc.MatchaAsyncStub]:
    async with serving_matcha(store) as stub:
        yield stub


def _bearer(siret: str = SIRET) -> tuple[tuple[str, str]]:
    token = issue_token(SECRET, siret, datetime.now(UTC), timedelta(hours=1))
    return (("authorization", f"Bearer {token}"),)


def _around_paris(**changes: Any) -> matcha_pb2.SearchBesoinsRequest:
    zone = geo_pb2.Zone(origin=geo_pb2.Point(latitude=48.8566, longitude=2.3522), rayon_km=30)
    return matcha_pb2.SearchBesoinsRequest(**{"romes": ["D1102"], "zone": zone, "first": 20, **changes})


async def test_recruiter_with_a_token_posts_a_need_that_is_found_at_once(
    stub: matcha_pb2_grpc.MatchaAsyncStub, store: BesoinStore
) -> None:
    await store.replace_opcos({"843": "Opco entreprises de proximité"})

    created = (await stub.CreateBesoin(a_request(), metadata=_bearer())).besoin

    assert created.statut == matcha_pb2.BESOIN_STATUT_ACTIF
    assert created.opco == "Opco entreprises de proximité"
    assert (created.cree_le, created.expire_le) == ("2027-03-10T09:30:00Z", "2027-05-09T22:00:00Z")
    answer = await stub.SearchBesoins(_around_paris())
    assert (answer.total_count, answer.has_next_page) == (1, False)
    assert answer.edges[0].distance_km == 0.61
    assert answer.edges[0].node == created
    assert (await stub.GetBesoin(matcha_pb2.GetBesoinRequest(id=created.id))).besoin == created


async def test_need_posted_without_a_token_waits_and_is_not_public(
    stub: matcha_pb2_grpc.MatchaAsyncStub,
) -> None:
    created = (await stub.CreateBesoin(a_request())).besoin

    assert created.statut == matcha_pb2.BESOIN_STATUT_EN_ATTENTE
    assert (await stub.SearchBesoins(_around_paris())).total_count == 0
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.GetBesoin(matcha_pb2.GetBesoinRequest(id=created.id))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


async def test_contact_never_leaves_but_is_kept(
    stub: matcha_pb2_grpc.MatchaAsyncStub, database_url: str, database_name: str
) -> None:
    created = await stub.CreateBesoin(a_request(), metadata=_bearer())
    found = await stub.SearchBesoins(_around_paris())

    for message in (created, found):
        assert b"Jeanne" not in message.SerializeToString()
        assert b"boulangerie.example" not in message.SerializeToString()
    with MongoClient[dict[str, Any]](database_url) as client:
        stored = client[database_name]["besoins"].find_one({})
    assert stored is not None
    assert stored["contact"] == {
        "prenom": "Jeanne",
        "nom": "Martin",
        "email": EMAIL,
        "telephone": "0612345678",
    }


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ((("authorization", "Bearer nonsense"),), grpc.StatusCode.UNAUTHENTICATED),
        (_bearer(OTHER_SIRET), grpc.StatusCode.PERMISSION_DENIED),
    ],
)
async def test_wrong_token_is_refused(
    stub: matcha_pb2_grpc.MatchaAsyncStub, metadata: tuple[tuple[str, str]], code: grpc.StatusCode
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.CreateBesoin(a_request(), metadata=metadata)

    assert caught.value.code() is code


async def test_identical_calls_that_race_give_one_need(stub: matcha_pb2_grpc.MatchaAsyncStub) -> None:
    request = a_request(cle_idempotence="a-key-of-mine")

    answers = await asyncio.gather(*(stub.CreateBesoin(request) for _ in range(20)))

    assert len({answer.besoin.id for answer in answers}) == 1
    other = await stub.CreateBesoin(a_request(cle_idempotence="a-key-of-mine", intitule="Autre besoin"))
    assert other.refuse.code == matcha_pb2.BESOIN_REFUS_CODE_CLE_DEJA_UTILISEE


async def test_pages_follow_one_another_by_cursor(
    stub: matcha_pb2_grpc.MatchaAsyncStub, store: BesoinStore
) -> None:
    for number in range(7):
        besoin = a_besoin(f"b{number}", cree_le=NOW - timedelta(seconds=number))
        await store.create(besoin, a_depot(besoin), ())
    seen, cursor = [], ""
    for _ in range(4):
        request = _around_paris(first=2, after=cursor, sort=matcha_pb2.BESOIN_SORT_DATE)
        page = await stub.SearchBesoins(request)
        seen += [edge.node.id for edge in page.edges]
        cursor = page.edges[-1].cursor

    assert seen == [f"b{number}" for number in range(7)]
    assert not page.has_next_page


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    sort=st.sampled_from(matcha_pb2.BesoinSort.values()),
    zone=st.sampled_from([None, _around_paris().zone]),
)
async def test_whatever_comes_as_a_cursor_is_read_or_refused(
    stub: matcha_pb2_grpc.MatchaAsyncStub,
    store: BesoinStore,
    data: st.DataObject,
    sort: matcha_pb2.BesoinSort.ValueType,
    zone: geo_pb2.Zone | None,
) -> None:
    if "one" not in await store.besoins(["one"]):
        await store.create(besoin := a_besoin("one"), a_depot(besoin), ())
    request = _around_paris(sort=sort, zone=zone)
    request.after = data.draw(tampered((await stub.SearchBesoins(request)).edges[0].cursor))

    await check_judged(stub.SearchBesoins(request))


async def test_a_cursor_of_the_offers_is_none_of_the_needs(
    stub: matcha_pb2_grpc.MatchaAsyncStub,
) -> None:
    theirs = jobs_pb2.SearchOffresRequest(romes=["D1102"], sort=jobs_pb2.OFFRE_SORT_DATE)
    cursor = encode_cursor(search_digest(theirs), (-1, "a"))
    request = matcha_pb2.SearchBesoinsRequest(
        romes=["D1102"], sort=matcha_pb2.BESOIN_SORT_DATE, first=1, after=cursor
    )

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.SearchBesoins(request)

    error = from_rpc(caught.value)
    assert isinstance(error, InvalidRequest)
    assert [problem.field for problem in error.problems] == ["after"]


async def test_every_problem_of_a_search_is_told_at_once(stub: matcha_pb2_grpc.MatchaAsyncStub) -> None:
    zone = geo_pb2.Zone(origin=geo_pb2.Point(latitude=100, longitude=2), rayon_km=-1)
    wrong: dict[str, Any] = {"romes": ["D1102", "boulanger"], "niveau": 1, "sort": 9, "first": 10_000}
    request = matcha_pb2.SearchBesoinsRequest(**wrong, zone=zone, after="elsewhere")

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.SearchBesoins(request)

    error = from_rpc(caught.value)
    assert isinstance(error, InvalidRequest)
    assert [problem.field for problem in error.problems] == [
        "romes[1]",
        "niveau",
        "sort",
        "first",
        "zone.origin.latitude",
        "zone.rayon_km",
        "after",
    ]


async def test_expired_need_reads_as_expired_and_unknown_one_as_not_found(
    stub: matcha_pb2_grpc.MatchaAsyncStub, store: BesoinStore
) -> None:
    old = a_besoin("old", cree_le=NOW - timedelta(days=90), statut=Statut.ACTIF)
    await store.create(old, a_depot(old), ())

    read = (await stub.GetBesoin(matcha_pb2.GetBesoinRequest(id="old"))).besoin

    assert read.statut == matcha_pb2.BESOIN_STATUT_EXPIRE
    for id_, code in (("unknown", grpc.StatusCode.NOT_FOUND), ("", grpc.StatusCode.INVALID_ARGUMENT)):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetBesoin(matcha_pb2.GetBesoinRequest(id=id_))
        assert caught.value.code() is code


async def test_health_follows_the_database(private_mongod: Mongod) -> None:
    async with open_database(private_mongod.url, "test") as database:
        store = BesoinStore(database)
        servicer = MatchaServicer(store, Recruteurs(SECRET), LIMITS)

        def add(server: grpc.aio.Server) -> None:
            matcha_pb2_grpc.add_MatchaServicer_to_server(servicer, server)

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
                await matcha_pb2_grpc.MatchaStub(channel).GetBesoin(matcha_pb2.GetBesoinRequest(id="x"))
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_logs_hold_no_address(stub: matcha_pb2_grpc.MatchaAsyncStub, log_lines: LogLines) -> None:
    await stub.CreateBesoin(a_request(), metadata=_bearer())
    with pytest.raises(grpc.aio.AioRpcError):
        await stub.CreateBesoin(a_request(siret="1"))

    lines = await lines_once_logged(log_lines, 2)
    assert [line["status"] for line in lines] == ["OK", "INVALID_ARGUMENT"]
    assert EMAIL not in str(lines)
    assert "Martin" not in str(lines)


@pytest.mark.slow
async def test_needs_of_many_companies_are_not_ordered_on_the_event_loop(
    stub: matcha_pb2_grpc.MatchaAsyncStub, store: BesoinStore
) -> None:
    count = 2_001
    await store.replace_fictifs([a_fictif(f"b{number}") for number in range(count)])

    with called_on_this_thread() as called:
        found = await stub.SearchBesoins(_around_paris(first=2))

    assert found.total_count == count
    assert "candidate_from_document" in called
    assert "page_of" not in called
