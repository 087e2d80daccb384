"""Starts the jobs service and the sandbox, with the demonstration set."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bench.support.jobs import running_jobs, timed, under_attack


@pytest.mark.slow
async def test_honest_caller_is_answered_under_attack(tmp_path: Path) -> None:
    rng = random.Random(1)
    async with running_jobs(tmp_path) as service:
        async with under_attack(service.random_id("attacker", rng), per_second=50):
            took = await timed(service.known_offre("honest", rng), calls=3, every_s=0.01)
        found = await service.odd_search("honest", rng)()

    assert all(each < float("inf") for each in took)
    assert found.total_count >= 0
