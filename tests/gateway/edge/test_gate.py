"""How many operations run at once, and what becomes of the others."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from gateway.edge.gate import Gate, TooBusy
from protos import catalogue_pb2
from tests.gateway.conftest import open_gateway
from tests.support.gateway.scripted import Scripts
from tests.support.virtual_time import run_in_virtual_time
from tests.support.waiting import wait_until


def _waiting() -> float | None:
    return REGISTRY.get_sample_value("lba_operations_waiting")


QUERY = '{ metiers(texte: "%s") { libelle } }'


class Crowd:
    """Operations that ask to enter a gate, hold their place for a while, or leave before."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.running = 0
        self.most_running = 0
        self.entered: list[int] = []
        self.refused = 0

    async def operate(self, number: int, hold_s: float) -> None:
        try:
            async with self._gate.entered():
                self.entered.append(number)
                self.running += 1
                self.most_running = max(self.most_running, self.running)
                try:
                    await asyncio.sleep(hold_s)
                finally:
                    self.running -= 1
        except TooBusy:
            self.refused += 1


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), max_running=st.integers(1, 4), max_waiting=st.integers(0, 5))
def test_the_gate_bounds_what_runs_and_never_loses_a_place(
    seed: int, max_running: int, max_waiting: int
) -> None:
    random = Random(seed)

    async def race() -> None:
        gate = Gate(max_running, max_waiting, 0.5)
        crowd = Crowd(gate)
        tasks = []
        for number in range(60):
            tasks.append(asyncio.create_task(crowd.operate(number, random.choice([0, 0.1, 0.3, 1.0]))))
            if random.random() < 0.3:
                random.choice(tasks).cancel()
            await asyncio.sleep(random.choice([0, 0, 0.05, 0.2]))
        await asyncio.gather(*tasks, return_exceptions=True)

        assert crowd.most_running <= max_running
        # Every place is free again: as many as ever enter at once, and the next one waits in vain.
        after = Crowd(gate)
        await asyncio.gather(*(after.operate(number, 2.0) for number in range(max_running + 1)))
        assert len(after.entered) == max_running
        assert (after.most_running, after.refused) == (max_running, 1)

    run_in_virtual_time(race())


def test_who_waits_enters_in_turn() -> None:
    async def queue() -> list[int]:
        crowd = Crowd(Gate(1, 10, 60))
        await asyncio.gather(*(crowd.operate(number, 1.0) for number in range(8)))
        return crowd.entered

    assert run_in_virtual_time(queue()) == list(range(8))


async def test_a_request_too_many_is_refused_at_once_and_health_answers(scripts: Scripts) -> None:
    release = asyncio.Event()

    async def hold(_: Any) -> catalogue_pb2.SuggestMetiersResponse:
        await release.wait()
        return catalogue_pb2.SuggestMetiersResponse()

    scripts.by_method["SuggestMetiers"] = hold
    async with open_gateway(scripts, max_running=2, max_waiting=1, max_wait_s=60) as gateway:
        served = [asyncio.create_task(gateway.post(QUERY % number)) for number in range(3)]
        await asyncio.to_thread(wait_until, lambda: _waiting() == 1)
        refused = await gateway.post(QUERY % "late")

        assert refused.status == 503
        assert refused.headers["Retry-After"] == "1"
        [error] = (await refused.json())["errors"]
        assert error["extensions"]["code"] == "OVERLOADED"
        assert (await gateway.client.get("/health")).status == 200

        release.set()
        assert [response.status for response in await asyncio.gather(*served)] == [200, 200, 200]
        assert (await gateway.post(QUERY % "again")).status == 200


async def test_a_client_that_leaves_the_queue_leaves_its_place(scripts: Scripts) -> None:
    release = asyncio.Event()

    async def hold(_: Any) -> catalogue_pb2.SuggestMetiersResponse:
        await release.wait()
        return catalogue_pb2.SuggestMetiersResponse()

    scripts.by_method["SuggestMetiers"] = hold
    async with open_gateway(scripts, max_running=1, max_waiting=1, max_wait_s=60) as gateway:
        first = asyncio.create_task(gateway.post(QUERY % "first"))
        await scripts.reached("SuggestMetiers", 1)
        for number in range(20):
            leaver = asyncio.create_task(gateway.post(QUERY % number))
            await asyncio.to_thread(wait_until, lambda: _waiting() == 1)
            leaver.cancel()
            await asyncio.to_thread(wait_until, lambda: _waiting() == 0)
        release.set()

        assert (await first).status == 200
        assert (await gateway.post(QUERY % "last")).status == 200


@pytest.mark.parametrize("max_waiting", [0, 3])
def test_no_one_waits_longer_than_allowed(max_waiting: int) -> None:
    async def wait() -> float:
        gate = Gate(1, max_waiting, 2.0)
        holder = asyncio.create_task(Crowd(gate).operate(0, 100.0))
        await asyncio.sleep(0)
        began = asyncio.get_running_loop().time()
        with pytest.raises(TooBusy):
            async with gate.entered():
                raise AssertionError
        waited = asyncio.get_running_loop().time() - began
        holder.cancel()
        return waited

    assert run_in_virtual_time(wait()) == (2.0 if max_waiting else 0.0)
