from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from services.common.collector import build_frozen


@pytest.fixture(autouse=True)
def _collector_as_before() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


def test_nothing_is_collected_meanwhile_and_the_result_is_frozen() -> None:
    seen: list[bool] = []

    def build() -> list[list[int]]:
        seen.append(gc.isenabled())
        return [[number] for number in range(10_000)]

    built = build_frozen(build)

    assert seen == [False]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= len(built)
    tracked = {id(each) for each in gc.get_objects()}
    assert not any(id(each) in tracked for each in built)


def test_collector_runs_again_after_a_failure() -> None:
    def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        build_frozen(fail)

    assert gc.isenabled()


def test_collector_that_was_off_stays_off() -> None:
    gc.disable()

    build_frozen(list)

    assert not gc.isenabled()


def test_end_of_one_build_does_not_start_the_collector_in_another() -> None:
    second_began, first_ended = Event(), Event()

    def second() -> bool:
        second_began.set()
        assert first_ended.wait(60)
        return gc.isenabled()

    with ThreadPoolExecutor() as threads:

        def first() -> Future[bool]:
            seen = threads.submit(build_frozen, second)
            second_began.wait(0.1)  # Only a build that does not wait for this one comes so soon.
            return seen

        collected = build_frozen(first)
        first_ended.set()

        assert not collected.result()
    assert gc.isenabled()
