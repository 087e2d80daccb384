"""How many operations run at once, and what becomes of the others."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from gateway.edge.gate import REST, Gate, Places, TooBusy, Turn
from protos import catalogue_pb2
from tests.gateway.conftest import open_gateway
from tests.support.gateway.scripted import Scripts
from tests.support.virtual_time import run_in_virtual_time
from tests.support.waiting import wait_until


def _waiting() -> float | None:
    return REGISTRY.get_sample_value("lba_operations_waiting")


ONE_CALLER = {"max_running_per_caller": 10, "max_waiting_per_caller": 10}
QUERY = '{ metiers(texte: "%s") { libelle } }'


class Crowd:
    """Operations that ask to enter a gate, hold their place for a while, or leave before."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.running: Counter[str] = Counter()
        self.most_running = 0
        self.most_of_caller = 0
        self.entered: list[int] = []
        self.refused: list[bool] = []

    async def operate(self, number: int, hold_s: float, caller: str = "one") -> None:
        try:
            async with self._gate.entered(caller):
                self.entered.append(number)
                self.running[caller] += 1
                self.most_running = max(self.most_running, self.running.total())
                self.most_of_caller = max(self.most_of_caller, self.running[caller])
                try:
                    await asyncio.sleep(hold_s)
                finally:
                    self.running[caller] -= 1
        except TooBusy as busy:
            self.refused.append(busy.of_caller)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    places=st.builds(Places, st.integers(1, 4), st.integers(0, 5)),
    each=st.builds(Places, st.integers(1, 4), st.integers(0, 3)),
)
def test_the_gate_bounds_what_runs_and_never_loses_a_place(seed: int, places: Places, each: Places) -> None:
    random = Random(seed)

    async def race() -> None:
        gate = Gate(places, each, 0.5)
        crowd = Crowd(gate)
        tasks = []
        for number in range(60):
            operation = crowd.operate(number, random.choice([0, 0.1, 0.3, 1.0]), random.choice("abc"))
            tasks.append(asyncio.create_task(operation))
            if random.random() < 0.3:
                random.choice(tasks).cancel()
            await asyncio.sleep(random.choice([0, 0, 0.05, 0.2]))
        await asyncio.gather(*tasks, return_exceptions=True)

        assert crowd.most_running <= places.running
        assert crowd.most_of_caller <= each.running
        # Every place is free again: as many as ever enter at once, and the next one waits in vain.
        after = Crowd(gate)
        await asyncio.gather(*(after.operate(n, 2.0, caller=str(n)) for n in range(places.running + 1)))
        assert len(after.entered) == after.most_running == places.running
        assert after.refused == [False]

    run_in_virtual_time(race())


def test_who_waits_enters_in_turn() -> None:
    async def queue() -> list[int]:
        crowd = Crowd(Gate(Places(1, 10), Places(1, 10), 60))
        await asyncio.gather(*(crowd.operate(number, 1.0) for number in range(8)))
        return crowd.entered

    assert run_in_virtual_time(queue()) == list(range(8))


def test_a_caller_who_asks_much_does_not_delay_another() -> None:
    async def queue() -> list[int]:
        crowd = Crowd(Gate(Places(3, 20), Places(2, 15), 60))
        greedy = [crowd.operate(number, 1.0, "greedy") for number in range(15)]
        await asyncio.gather(*greedy, crowd.operate(100, 1.0, "modest"), crowd.operate(101, 1.0, "modest"))
        return crowd.entered

    # The first one finds the place that the greedy one may not take, the second one waits for one turn.
    entered = run_in_virtual_time(queue())
    assert entered[:3] == [0, 1, 100]
    assert 101 in entered[3:6]


def test_a_place_rests_after_an_operation_that_kept_the_loop_and_others_are_let_in() -> None:
    async def times() -> tuple[float, float]:
        gate = Gate(Places(1, 10), Places(1, 10), 60)
        loop = asyncio.get_running_loop()

        async def enter(caller: str) -> float:
            async with gate.entered(caller) as turn:
                turn.busy_s = 1.0
                return loop.time()

        _, again, other = await asyncio.gather(enter("heavy"), enter("heavy"), enter("light"))
        return again, other

    assert run_in_virtual_time(times()) == (REST, 0.0)


def test_the_more_are_refused_the_later_they_are_told_to_come_back() -> None:
    async def waits() -> list[int]:
        gate = Gate(Places(1, 0), Places(1, 0), 1)
        found = []
        async with gate.entered("one"):
            for number in range(100):
                try:
                    gate.check(str(number))
                except TooBusy as busy:
                    found.append(busy.retry_s)
        return found

    found = run_in_virtual_time(waits())
    assert len(found) == 100
    assert found == sorted(found)
    assert (found[0], found[-1]) == (2, 10)


def test_only_the_steps_of_an_operation_count_as_busy() -> None:
    async def busy() -> tuple[float, str]:
        turn = Turn()

        async def operation() -> str:
            await asyncio.sleep(3600)
            try:
                await asyncio.wait_for(asyncio.Event().wait(), 10)
            except TimeoutError:
                return "late"
            raise AssertionError

        result = await turn.timed(operation())
        return turn.busy_s, result

    busy_s, result = run_in_virtual_time(busy())
    assert result == "late"
    assert 0 < busy_s < 3600


async def test_a_timed_operation_is_cancelled_as_it_would_be_alone() -> None:
    seen: list[str] = []

    async def operation() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    task = asyncio.create_task(Turn().timed(operation()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["cancelled"]


def test_a_caller_who_waits_too_often_is_told_so_and_others_enter() -> None:
    async def crowd_out() -> tuple[list[bool], list[int]]:
        crowd = Crowd(Gate(Places(8, 100), Places(1, 2), 60))
        greedy = [crowd.operate(number, 1.0, "greedy") for number in range(10)]
        await asyncio.gather(*greedy, crowd.operate(100, 1.0, "modest"))
        return crowd.refused, crowd.entered

    refused, entered = run_in_virtual_time(crowd_out())
    assert refused == [True] * 7
    assert 100 in entered


async def test_a_request_too_many_is_refused_at_once_and_health_answers(scripts: Scripts) -> None:
    release = asyncio.Event()

    async def hold(_: Any) -> catalogue_pb2.SuggestMetiersResponse:
        await release.wait()
        return catalogue_pb2.SuggestMetiersResponse()

    scripts.by_method["SuggestMetiers"] = hold
    async with open_gateway(scripts, max_running=2, max_waiting=1, max_wait_s=60, **ONE_CALLER) as gateway:
        served = [asyncio.create_task(gateway.post(QUERY % number)) for number in range(3)]
        await asyncio.to_thread(wait_until, lambda: _waiting() == 1)
        refused = await gateway.post(QUERY % "late")

        assert refused.status == 503
        assert 1 <= int(refused.headers["Retry-After"]) <= 10
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
    async with open_gateway(scripts, max_running=1, max_waiting=1, max_wait_s=60, **ONE_CALLER) as gateway:
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


async def test_a_caller_with_too_many_requests_is_refused_and_told(scripts: Scripts) -> None:
    release = asyncio.Event()

    async def hold(_: Any) -> catalogue_pb2.SuggestMetiersResponse:
        await release.wait()
        return catalogue_pb2.SuggestMetiersResponse()

    scripts.by_method["SuggestMetiers"] = hold
    async with open_gateway(scripts, max_running_per_caller=1, max_waiting_per_caller=0) as gateway:
        served = asyncio.create_task(gateway.post(QUERY % "first"))
        await scripts.reached("SuggestMetiers", 1)
        refused = await gateway.post(QUERY % "second")
        release.set()

        assert refused.status == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 10
        assert (await refused.json())["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert (await served).status == 200


@pytest.mark.parametrize("max_waiting", [0, 3])
def test_no_one_waits_longer_than_allowed(max_waiting: int) -> None:
    async def wait() -> float:
        gate = Gate(Places(1, max_waiting), Places(1, max_waiting), 2.0)
        holder = asyncio.create_task(Crowd(gate).operate(0, 100.0))
        await asyncio.sleep(0)
        began = asyncio.get_running_loop().time()
        with pytest.raises(TooBusy):
            async with gate.entered("other"):
                raise AssertionError
        waited = asyncio.get_running_loop().time() - began
        holder.cancel()
        return waited

    assert run_in_virtual_time(wait()) == (2.0 if max_waiting else 0.0)
