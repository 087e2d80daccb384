from __future__ import annotations

import asyncio

import pytest

from services.common.caller import caller
from services.common.errors import Overloaded, UpstreamUnavailable
from services.jobs.callers import current_callers
from services.jobs.memo import Memo
from tests.support.common.turns import turns
from tests.support.jobs.partner import in_seconds


class Oracle:
    """Answers once the test allows it, and counts the calls."""

    def __init__(self) -> None:
        self.asked = 0
        self.free = asyncio.Event()

    async def ask(self, _: float) -> int:
        self.asked += 1
        await self.free.wait()
        return self.asked


def memo(age_s: float = 60, entries: int = 2) -> Memo[str, int]:
    return Memo(age_s, entries, lambda answer: answer >= 0)


async def test_many_who_ask_at_once_share_one_question() -> None:
    answers, oracle = memo(), Oracle()
    asking = [asyncio.create_task(answers.get("a", oracle.ask, in_seconds(5))) for _ in range(20)]
    await asyncio.sleep(0)
    oracle.free.set()

    assert await asyncio.gather(*asking) == [1] * 20
    assert await answers.get("a", oracle.ask, in_seconds(5)) == 1
    assert oracle.asked == 1


async def test_answer_too_old_is_asked_again() -> None:
    answers, oracle = memo(age_s=0), Oracle()
    oracle.free.set()

    assert [await answers.get("a", oracle.ask, in_seconds(5)) for _ in range(2)] == [1, 2]


async def test_oldest_answer_makes_room() -> None:
    answers, oracle = memo(entries=2), Oracle()
    oracle.free.set()

    assert [await answers.get(key, oracle.ask, in_seconds(5)) for key in "abacab"] == [1, 2, 1, 3, 1, 4]


async def test_failure_is_given_and_forgotten() -> None:
    answers = memo()

    async def fail(_: float) -> int:
        raise UpstreamUnavailable("down")

    with pytest.raises(UpstreamUnavailable):
        await answers.get("a", fail, in_seconds(5))
    oracle = Oracle()
    oracle.free.set()
    assert await answers.get("a", oracle.ask, in_seconds(5)) == 1


async def test_answer_not_worth_keeping_is_forgotten() -> None:
    answers = memo()

    async def poor(_: float) -> int:
        return -1

    assert await answers.get("a", poor, in_seconds(5)) == -1
    oracle = Oracle()
    oracle.free.set()
    assert await answers.get("a", oracle.ask, in_seconds(5)) == 1


async def test_who_leaves_does_not_stop_the_others() -> None:
    answers, oracle = memo(), Oracle()
    leaving, staying = (asyncio.create_task(answers.get("a", oracle.ask, in_seconds(5))) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    oracle.free.set()

    assert await staying == 1
    assert oracle.asked == 1


async def test_who_has_much_more_time_does_not_join_a_question_soon_given_up() -> None:
    answers, oracle = memo(), Oracle()
    hurried = asyncio.create_task(answers.get("a", oracle.ask, in_seconds(0.01)))
    await asyncio.sleep(0)
    patient = asyncio.create_task(answers.get("a", oracle.ask, in_seconds(5)))
    with pytest.raises(TimeoutError):
        await hurried
    oracle.free.set()

    assert await patient == 2


async def test_question_that_nobody_waits_for_is_cancelled() -> None:
    answers, oracle = memo(), Oracle()
    leaving = [asyncio.create_task(answers.get("a", oracle.ask, in_seconds(5))) for _ in range(2)]
    await turns(2)
    for each in leaving:
        each.cancel()
    await turns(3)
    oracle.free.set()

    assert await answers.get("a", oracle.ask, in_seconds(5)) == 2


async def test_question_is_asked_in_the_name_of_all_that_wait_for_it() -> None:
    answers = memo()
    free = asyncio.Event()
    seen: list[list[str]] = []

    async def ask(_: float) -> int:
        seen.append(sorted(current_callers()))
        await free.wait()
        seen.append(sorted(current_callers()))
        return 1

    async def get_as(name: str) -> int:
        caller.set(name)
        return await answers.get("a", ask, in_seconds(5))

    tasks = [asyncio.create_task(get_as(name)) for name in "xyzz"]
    await turns(2)
    tasks[0].cancel()
    tasks[3].cancel()
    await turns(2)
    free.set()

    assert await asyncio.gather(*tasks[1:3]) == [1, 1]
    assert seen == [["x", "y", "z"], ["y", "z"]]
    assert list(current_callers()) == [""]


async def test_who_joined_a_question_refused_on_the_share_of_another_asks_again() -> None:
    answers, refuse = memo(), asyncio.Event()
    asked: list[str] = []

    def ask_as(name: str) -> asyncio.Task[int]:
        async def ask(_: float) -> int:
            asked.append(name)
            if len(asked) == 1:
                await refuse.wait()
                raise Overloaded("too many")
            return len(asked)

        return asyncio.create_task(answers.get("a", ask, in_seconds(5)))

    attacker, honest = ask_as("attacker"), ask_as("honest")
    await turns(3)
    refuse.set()

    with pytest.raises(Overloaded):
        await attacker
    assert await honest == 2
    assert asked == ["attacker", "honest"]
