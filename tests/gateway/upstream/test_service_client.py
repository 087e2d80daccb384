from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.upstream.clients import Clients, open_clients
from gateway.upstream.service_client import ServiceClient
from protos import jobs_pb2, matcha_pb2
from protos.services import JOBS, MATCHA
from services.common import deadline
from services.common.caller import caller
from services.common.channel import DEFAULT_TIMEOUT_S
from services.common.errors import DeadlineExceeded, InvalidRequest, NotFound, Problem, UpstreamUnavailable
from services.common.log import request_id
from services.common.server import Ping, running_server
from tests.support.gateway.scripted import Scripts, never_answer, scripted_services, settings_for


@pytest.fixture
async def clients(scripts: Scripts) -> AsyncIterator[Clients]:
    async with scripted_services(scripts) as addresses:
        clients = open_clients(settings_for(addresses))
        yield clients
        await clients.close()


async def test_identical_reads_in_flight_are_one_call(clients: Clients, scripts: Scripts) -> None:
    go = asyncio.Event()

    async def held(_: Any) -> jobs_pb2.SearchOffresResponse:
        await go.wait()
        return jobs_pb2.SearchOffresResponse(total_count=7)

    scripts.by_method["SearchOffres"] = held
    jobs = clients[JOBS]
    waiting = [
        asyncio.ensure_future(
            jobs.read(jobs.stub.SearchOffres, jobs_pb2.SearchOffresRequest(romes=["D1102"]))
        )
        for _ in range(20)
    ]
    other = asyncio.ensure_future(jobs.read(jobs.stub.SearchOffres, jobs_pb2.SearchOffresRequest(first=3)))
    await scripts.reached("SearchOffres", 2)
    go.set()

    assert {answer.total_count for answer in await asyncio.gather(*waiting, other)} == {7}
    assert scripts.called("SearchOffres") == 2


async def test_calls_to_a_service_with_shares_are_those_of_one_caller(
    clients: Clients, scripts: Scripts
) -> None:
    go = asyncio.Event()

    async def held(_: Any) -> Any:
        await go.wait()
        return jobs_pb2.SearchOffresResponse(total_count=7)

    async def ask(who: str) -> int:
        caller.set(who)
        jobs = clients[JOBS]
        return (await jobs.read(jobs.stub.SearchOffres, jobs_pb2.SearchOffresRequest())).total_count

    scripts.by_method["SearchOffres"] = held
    waiting = [asyncio.create_task(ask(who)) for who in ("one", "one", "other")]
    await scripts.reached("SearchOffres", 2)
    go.set()

    assert await asyncio.gather(*waiting) == [7, 7, 7]
    assert sorted(metadata["x-caller"] for metadata in scripts.metadata) == ["one", "other"]


async def test_one_that_leaves_does_not_take_the_answer_from_the_others(
    clients: Clients, scripts: Scripts
) -> None:
    go = asyncio.Event()

    async def held(_: Any) -> jobs_pb2.SearchOffresResponse:
        await go.wait()
        return jobs_pb2.SearchOffresResponse(total_count=7)

    scripts.by_method["SearchOffres"] = held
    jobs = clients[JOBS]
    leaving, staying = (
        asyncio.ensure_future(jobs.read(jobs.stub.SearchOffres, jobs_pb2.SearchOffresRequest()))
        for _ in range(2)
    )
    await scripts.reached("SearchOffres", 1)
    leaving.cancel()
    go.set()

    assert (await staying).total_count == 7
    assert leaving.cancelled()


async def test_one_that_asks_just_after_the_last_has_left_gets_an_answer(
    clients: Clients, scripts: Scripts
) -> None:
    go = asyncio.Event()

    async def held(_: Any) -> jobs_pb2.SearchOffresResponse:
        await go.wait()
        return jobs_pb2.SearchOffresResponse(total_count=7)

    scripts.by_method["SearchOffres"] = held
    jobs = clients[JOBS]
    leaving = asyncio.ensure_future(jobs.read(jobs.stub.SearchOffres, jobs_pb2.SearchOffresRequest()))
    await scripts.reached("SearchOffres", 1)
    leaving.cancel()
    await asyncio.sleep(0)
    asking = asyncio.ensure_future(jobs.read(jobs.stub.SearchOffres, jobs_pb2.SearchOffresRequest()))
    await scripts.reached("SearchOffres", 2)
    go.set()

    assert (await asking).total_count == 7


async def test_one_with_little_time_leaves_a_shared_call_in_time(clients: Clients, scripts: Scripts) -> None:
    go = asyncio.Event()

    async def held(_: Any) -> jobs_pb2.SearchOffresResponse:
        await go.wait()
        return jobs_pb2.SearchOffresResponse(total_count=7)

    async def read_within(seconds: float) -> jobs_pb2.SearchOffresResponse:
        deadline.start(seconds)
        return await jobs.read(jobs.stub.SearchOffres, jobs_pb2.SearchOffresRequest())

    scripts.by_method["SearchOffres"] = held
    jobs = clients[JOBS]
    patient = asyncio.ensure_future(read_within(60))
    await scripts.reached("SearchOffres", 1)

    with pytest.raises(DeadlineExceeded):
        await asyncio.create_task(read_within(0.05))
    go.set()
    assert (await patient).total_count == 7
    assert scripts.called("SearchOffres") == 1


async def test_writes_are_never_shared(clients: Clients, scripts: Scripts) -> None:
    matcha = clients[MATCHA]
    request = matcha_pb2.CreateBesoinRequest(siret="1")

    await asyncio.gather(*(matcha.write(matcha.stub.CreateBesoin, request) for _ in range(3)))

    assert scripts.called("CreateBesoin") == 3


async def test_a_read_is_tried_again_and_a_write_is_not(clients: Clients, scripts: Scripts) -> None:
    for method in ("SearchBesoins", "CreateBesoin"):
        scripts.fail(method, UpstreamUnavailable("away"))
    matcha = clients[MATCHA]

    with pytest.raises(UpstreamUnavailable):
        await matcha.read(matcha.stub.SearchBesoins, matcha_pb2.SearchBesoinsRequest())
    with pytest.raises(UpstreamUnavailable):
        await matcha.write(matcha.stub.CreateBesoin, matcha_pb2.CreateBesoinRequest())

    assert scripts.called("SearchBesoins") == 2
    assert scripts.called("CreateBesoin") == 1


async def test_a_write_by_read_and_a_read_by_write_are_refused_as_mistakes(
    clients: Clients, scripts: Scripts
) -> None:
    matcha = clients[MATCHA]

    with pytest.raises(TypeError, match=r"lba\.matcha\.v1\.Matcha\.CreateBesoin .* call it with write"):
        await matcha.read(matcha.stub.CreateBesoin, matcha_pb2.CreateBesoinRequest())
    with pytest.raises(TypeError, match=r"lba\.matcha\.v1\.Matcha\.GetBesoin .* call it with read"):
        await matcha.write(matcha.stub.GetBesoin, matcha_pb2.GetBesoinRequest())
    assert scripts.calls == []


async def test_a_call_gets_what_is_left_of_the_budget(clients: Clients, scripts: Scripts) -> None:
    left: list[float] = []

    async def look(_: Any) -> jobs_pb2.SearchOffresResponse:
        left.append(deadline.remaining_s(at_most=100))
        return jobs_pb2.SearchOffresResponse()

    scripts.by_method["SearchOffres"] = look
    budget_s = DEFAULT_TIMEOUT_S / 2
    deadline.start(budget_s)

    await clients[JOBS].read(clients[JOBS].stub.SearchOffres, jobs_pb2.SearchOffresRequest())

    deadline.start(None)
    # gRPC rounds it up a little.
    assert 0 < left[0] < budget_s * 1.1


async def test_a_service_that_does_not_answer_in_time_is_a_deadline_exceeded(
    clients: Clients, scripts: Scripts
) -> None:
    scripts.by_method["SearchOffres"] = never_answer
    deadline.start(0.05)

    with pytest.raises(DeadlineExceeded):
        await clients[JOBS].read(clients[JOBS].stub.SearchOffres, jobs_pb2.SearchOffresRequest())

    deadline.start(None)


async def test_the_request_id_goes_with_the_call(clients: Clients, scripts: Scripts) -> None:
    request_id.set("id-of-this-test")

    await clients[JOBS].read(clients[JOBS].stub.SearchOffres, jobs_pb2.SearchOffresRequest())

    assert scripts.metadata[-1]["x-request-id"] == "id-of-this-test"
    request_id.set("")


async def test_expected_errors_are_rebuilt_and_do_not_open_the_breaker(
    clients: Clients, scripts: Scripts
) -> None:
    problems = [Problem("romes[0]", "non"), Problem("first", "trop")]
    scripts.fail("SearchOffres", InvalidRequest(problems))
    scripts.fail("GetOffre", NotFound("no such offer"))
    jobs = clients[JOBS]

    for _ in range(10):
        with pytest.raises(InvalidRequest) as refused:
            await jobs.read(jobs.stub.SearchOffres, jobs_pb2.SearchOffresRequest())
        assert list(refused.value.problems) == problems
        with pytest.raises(NotFound, match="no such offer"):
            await jobs.read(jobs.stub.GetOffre, jobs_pb2.GetOffreRequest())


async def _serves() -> None:
    """A store that answers."""


async def _does_not_serve() -> None:
    raise ConnectionError("the store is gone")


@pytest.mark.parametrize(("ping", "serving"), [(_serves, True), (_does_not_serve, False)])
async def test_a_service_serves_when_its_store_answers(ping: Ping, serving: bool) -> None:
    async with running_server(JOBS.descriptor.full_name, lambda _: None, ping) as port:
        client = ServiceClient(JOBS, f"127.0.0.1:{port}")
        assert await client.is_serving(timeout_s=30) is serving
        await client.close()
