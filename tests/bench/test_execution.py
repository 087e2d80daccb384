from __future__ import annotations

import pytest

from bench.execution.measure import check_equal, search_systems, typical_systems
from bench.execution.search_page import RELAY_QUERY
from deploy.local.banner import QUERY


@pytest.mark.slow
async def test_compared_systems_give_the_same_answers() -> None:
    await check_equal(typical_systems())
    await check_equal(search_systems(QUERY))
    await check_equal(search_systems(RELAY_QUERY))
