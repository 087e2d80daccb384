"""What reaches the partner, and in which order: real gRPC in front of the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from protos import geo_pb2, jobs_pb2
from services.common.caller import CALLER_KEY
from services.common.errors import DeadlineExceeded, NotFound, Overloaded, UpstreamUnavailable, from_rpc
from services.jobs.offre import has_offre_form
from tests.support.jobs.partner import offre_simulee
from tests.support.jobs.serving import RunningJobs, running_jobs, search_request
from tests.support.waiting import until

OFFRES = [offre_simulee(number) for number in range(40)]
HONEST, ATTACKER = ((CALLER_KEY, "honest"),), ((CALLER_KEY, "attacker"),)
PATIENT = {"timeout_s": 60.0}


@pytest.fixture
async def jobs() -> AsyncIterator[RunningJobs]:
    async with running_jobs(OFFRES) as running:
        yield running


def get(jobs: RunningJobs, offre_id: str, **options: Any) -> Any:
    return jobs.stub.GetOffre(jobs_pb2.GetOffreRequest(id=offre_id), **options)


async def refusal(call: Any) -> type[Exception]:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return type(from_rpc(raised.value))


def odd_search(number: int) -> jobs_pb2.SearchOffresRequest:
    origin = geo_pb2.Point(latitude=48.86, longitude=2.34)
    return search_request(zone=geo_pb2.Zone(origin=origin, rayon_km=10 + number))


def asked(jobs: RunningJobs) -> list[str]:
    return [path.removeprefix("/v2/offres/") for path in jobs.partner.sandbox.asked]


def in_flight() -> float:
    return REGISTRY.get_sample_value("lba_jobs_partner_in_flight") or 0.0


def saved(reason: str) -> float:
    return REGISTRY.get_sample_value("lba_jobs_partner_saved_total", {"reason": reason}) or 0.0


@pytest.mark.parametrize(
    "offre_id",
    ["search", "SEARCH", "_", "-", "a-b", "../search", "048kltp", "search?range=0-1", "0" * 13, "\uff10KLTP"],
)
async def test_id_without_the_form_of_an_offer_s_never_reaches_the_partner(
    jobs: RunningJobs, offre_id: str
) -> None:
    assert await refusal(get(jobs, offre_id)) is NotFound
    assert asked(jobs) == []


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offre_id=st.text(min_size=1, max_size=14) | st.text("09AZaz_-./?%#;", min_size=1, max_size=14))
async def test_no_id_reaches_another_address_than_an_offer_s(jobs: RunningJobs, offre_id: str) -> None:
    assert await refusal(get(jobs, offre_id)) is NotFound
    assert all(has_offre_form(path) for path in asked(jobs))


async def test_id_without_an_offer_is_asked_once(jobs: RunningJobs) -> None:
    for offre_id in ("178ABCD", "5916934") * 3:
        assert await refusal(get(jobs, offre_id)) is NotFound

    assert asked(jobs) == ["178ABCD", "5916934"]


async def test_id_without_an_offer_is_asked_again_once_forgotten() -> None:
    async with running_jobs([], {"cache_s": 0}) as jobs:
        for _ in range(2):
            assert await refusal(get(jobs, "178ABCD")) is NotFound

        assert asked(jobs) == ["178ABCD"] * 2


async def test_offer_of_a_recent_search_is_not_asked_for(jobs: RunningJobs) -> None:
    found = await jobs.stub.SearchOffres(search_request())

    node = found.edges[0].node
    assert (await get(jobs, node.id)).offre == node
    assert len(asked(jobs)) == 1


@pytest.mark.parametrize(
    ("offre_ids", "reason"),
    [
        (["search"], "form"),
        (["178ABCD", "178ABCD"], "unknown"),
        (["SIM00001", "SIM00001"], "cached"),
    ],
)
async def test_requests_that_the_partner_is_spared_are_counted(
    jobs: RunningJobs, offre_ids: list[str], reason: str
) -> None:
    before = saved(reason)
    await asyncio.gather(*(get(jobs, each) for each in offre_ids[:-1]), return_exceptions=True)
    assert saved(reason) == before

    await asyncio.gather(get(jobs, offre_ids[-1]), return_exceptions=True)
    assert saved(reason) == before + 1


async def test_failure_of_the_partner_is_not_taken_for_an_unknown_id(jobs: RunningJobs) -> None:
    jobs.partner.set_faults(status=503)
    assert await refusal(get(jobs, "SIM00001")) is UpstreamUnavailable

    jobs.partner.set_faults()
    assert (await get(jobs, "SIM00001")).offre.id == "SIM00001"


@pytest.mark.slow
async def test_pages_are_not_asked_for_a_client_who_left() -> None:
    offres = [offre_simulee(number) for number in range(700)]
    async with running_jobs(offres, PATIENT | {"requests_per_s": 2}) as jobs:
        call = jobs.stub.SearchOffres(search_request())
        await until(lambda: len(asked(jobs)) == 2 and jobs.store.waiting > 0)
        call.cancel()
        await until(lambda: jobs.store.waiting == 0 and not in_flight())
        await get(jobs, "SIM00001")

        assert asked(jobs)[2:] == ["SIM00001"]


@pytest.mark.slow
async def test_page_in_flight_is_given_up_when_the_client_leaves(jobs: RunningJobs) -> None:
    jobs.partner.set_faults(latency_ms=60_000)
    calls = [jobs.stub.SearchOffres(search_request()) for _ in range(3)]
    await until(lambda: in_flight() == 1)
    for call in calls[1:]:
        call.cancel()
    assert await refusal(jobs.stub.SearchOffres(odd_search(1), timeout=0.3)) is DeadlineExceeded
    assert in_flight() == 1  # One client still waits.

    calls[0].cancel()
    await until(lambda: not in_flight(), timeout_s=20)


@pytest.mark.slow
async def test_page_in_flight_is_given_up_at_the_deadline_of_the_last_client(jobs: RunningJobs) -> None:
    await jobs.store.ping()
    jobs.partner.set_faults(latency_ms=60_000)

    assert await refusal(jobs.stub.SearchOffres(search_request(), timeout=0.3)) is DeadlineExceeded
    await until(lambda: not in_flight(), timeout_s=20)
    assert len(asked(jobs)) == 1


@pytest.mark.slow
async def test_pages_read_in_vain_are_kept_for_whoever_asks_again() -> None:
    offres = [offre_simulee(number) for number in range(310)]
    async with running_jobs(offres, PATIENT | {"requests_per_s": 1}) as jobs:
        # At one request per second the two other pages would arrive after the deadline.
        response = await jobs.stub.SearchOffres(search_request(), timeout=0.9)
        assert response.partial

        response = await jobs.stub.SearchOffres(search_request())

        assert (response.total_count, response.partial) == (310, "")
        ranges = [path.rpartition("range=")[2] for path in asked(jobs)]
        assert ranges == ["0-149", "150-299", "300-449"]


async def test_retry_after_is_obeyed_by_all_requests(jobs: RunningJobs) -> None:
    jobs.partner.set_faults(status=429, retry_after_s=30, times=1)

    assert await refusal(get(jobs, "SIM00001")) is Overloaded
    assert await refusal(jobs.stub.SearchOffres(search_request(), metadata=HONEST)) is Overloaded
    assert asked(jobs) == ["SIM00001"]


@pytest.mark.slow
async def test_attacker_with_random_ids_and_odd_searches_goes_after_an_honest_caller() -> None:
    # No search of the attacker finds the offers that the honest caller asks for.
    offres = [*OFFRES, *(offre_simulee(number, rome="A1101") for number in range(90, 96))]
    async with running_jobs(offres, PATIENT | {"requests_per_s": 10}) as jobs:
        numbers = count(1)

        async def attack(*, by_search: bool) -> None:
            while True:
                if by_search:
                    await jobs.stub.SearchOffres(odd_search(next(numbers)), metadata=ATTACKER)
                else:
                    await refusal(get(jobs, f"{next(numbers):03}ABCD", metadata=ATTACKER))

        # As many as one caller may have waiting are asked again without end.
        attackers = [asyncio.create_task(attack(by_search=number % 3 == 0)) for number in range(38)]
        await until(lambda: jobs.store.waiting > 25)
        before_honest = []
        for number in range(90, 96):
            arrived = len(asked(jobs))
            await get(jobs, f"SIM{number:05}", metadata=HONEST)
            before_honest.append(asked(jobs).index(f"SIM{number:05}") - arrived)
        for each in attackers:
            each.cancel()
        await asyncio.gather(*attackers, return_exceptions=True)

        # In the order of arrival each would have come after twenty-five others.
        assert sum(before_honest) <= 2 * len(before_honest)


async def test_honest_caller_who_joins_a_search_of_an_attacker_does_not_wait_on_its_share() -> None:
    async with running_jobs(OFFRES, PATIENT | {"requests_per_s": 4}) as jobs:
        flood = [
            asyncio.create_task(refusal(get(jobs, f"{number:03}ABCD", metadata=ATTACKER)))
            for number in range(12)
        ]
        await until(lambda: jobs.store.waiting >= 8)
        shared = asyncio.create_task(_search(jobs, ATTACKER))
        waiting = jobs.store.waiting
        await until(lambda: jobs.store.waiting > waiting or shared.done())
        arrived = len(asked(jobs))
        await _search(jobs, HONEST)

        searches = [index for index, path in enumerate(asked(jobs)) if path.startswith("search")]
        assert len(searches) == 1
        assert searches[0] - arrived <= 2
        for each in [*flood, shared]:
            each.cancel()
        await asyncio.gather(*flood, shared, return_exceptions=True)


async def _search(jobs: RunningJobs, metadata: Any) -> jobs_pb2.SearchOffresResponse:
    return await jobs.stub.SearchOffres(search_request(), metadata=metadata)


async def test_request_without_the_time_that_the_partner_takes_is_refused_at_once(jobs: RunningJobs) -> None:
    jobs.partner.set_faults(latency_ms=150)
    await get(jobs, "SIM00001")

    assert await refusal(get(jobs, "SIM00002", timeout=0.1)) is Overloaded
    assert asked(jobs) == ["SIM00001"]
