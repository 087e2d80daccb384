"""The breaker of a service client, by what reaches the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.upstream.breaker import CircuitBreaker
from gateway.upstream.service_client import ServiceClient
from protos import jobs_pb2, jobs_pb2_grpc
from protos.services import JOBS
from services.common import deadline
from services.common.errors import DeadlineExceeded, UpstreamUnavailable
from tests.support.clock import HandClock
from tests.support.gateway.scripted import Script, Scripts, never_answer, scripted_services
from tests.support.waiting import wait_until


class Guarded:
    """The jobs service behind a breaker that one failure opens, for a minute by the clock here."""

    def __init__(self, client: ServiceClient[jobs_pb2_grpc.JobsAsyncStub], clock: HandClock) -> None:
        self.clock = clock
        self._client = client

    async def ask(self, **request: Any) -> int:
        method = self._client.stub.SearchOffres
        return (await self._client.read(method, jobs_pb2.SearchOffresRequest(**request))).total_count

    async def fail(self) -> None:
        with pytest.raises((UpstreamUnavailable, DeadlineExceeded)):
            await self.ask()


@pytest.fixture
async def guarded(scripts: Scripts) -> AsyncIterator[Guarded]:
    clock = HandClock()
    breaker = CircuitBreaker(threshold=1, open_s=60, clock=clock)
    async with scripted_services(scripts) as addresses:
        client = ServiceClient(JOBS, addresses[JOBS.name], breaker=breaker)
        yield Guarded(client, clock)
        await client.close()


async def _says_that_it_is_away(_: Any) -> jobs_pb2.SearchOffresResponse:
    raise UpstreamUnavailable("away")


async def _lies(_: Any) -> Any:
    return b"no message"


@pytest.mark.parametrize("script", [_says_that_it_is_away, _lies, never_answer])
async def test_a_service_that_fails_is_no_longer_asked_until_it_mends(
    guarded: Guarded, scripts: Scripts, script: Script
) -> None:
    scripts.by_method["SearchOffres"] = script
    deadline.start(0.5 if script is never_answer else None)
    await guarded.fail()
    deadline.start(None)
    asked = scripts.called("SearchOffres")

    await guarded.fail()
    assert scripts.called("SearchOffres") == asked

    scripts.answer("SearchOffres", jobs_pb2.SearchOffresResponse(total_count=3))
    guarded.clock.pass_s(60)
    assert [await guarded.ask(), await guarded.ask()] == [3, 3]


async def test_others_are_refused_until_the_trial_has_ended(guarded: Guarded, scripts: Scripts) -> None:
    scripts.by_method["SearchOffres"] = _says_that_it_is_away
    await guarded.fail()
    go = asyncio.Event()

    async def held(_: Any) -> jobs_pb2.SearchOffresResponse:
        await go.wait()
        return jobs_pb2.SearchOffresResponse(total_count=3)

    scripts.calls.clear()
    scripts.by_method["SearchOffres"] = held
    guarded.clock.pass_s(60)
    trial = asyncio.ensure_future(guarded.ask())
    await scripts.reached("SearchOffres", 1)
    guarded.clock.pass_s(600)
    with pytest.raises(UpstreamUnavailable):
        await guarded.ask(first=7)

    go.set()
    assert await trial == 3
    assert await guarded.ask(first=7) == 3
    assert scripts.called("SearchOffres") == 2


async def test_a_trial_whose_client_leaves_is_made_by_the_next_one(
    guarded: Guarded, scripts: Scripts
) -> None:
    scripts.by_method["SearchOffres"] = _says_that_it_is_away
    await guarded.fail()
    scripts.calls.clear()
    scripts.by_method["SearchOffres"] = never_answer
    guarded.clock.pass_s(60)
    trial = asyncio.ensure_future(guarded.ask())
    await scripts.reached("SearchOffres", 1)
    trial.cancel()
    await asyncio.wait([trial])

    scripts.answer("SearchOffres", jobs_pb2.SearchOffresResponse(total_count=3))

    assert await guarded.ask(first=7) == 3


async def test_a_request_that_used_up_its_time_does_not_open_the_breaker_for_others(
    guarded: Guarded, scripts: Scripts
) -> None:
    scripts.by_method["SearchOffres"] = never_answer
    deadline.start(0.4)
    await asyncio.to_thread(wait_until, lambda: not deadline.is_mostly_left())
    await guarded.fail()
    del scripts.by_method["SearchOffres"]
    deadline.start(None)

    assert await guarded.ask() == 0
