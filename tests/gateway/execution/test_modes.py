"""Each mode of the tests completes lists by the plans that its name says."""

from __future__ import annotations

from prometheus_client import REGISTRY

from gateway.execution import wire
from tests.gateway.conftest import Gateway, every_mode
from tests.support.gateway.searches import page


def _completed() -> dict[str, float]:
    return {
        how: REGISTRY.get_sample_value("lba_plans_total", {"how": how}) or 0.0
        for how in ("compiled", "transcoded")
    }


@every_mode
async def test_a_list_is_shown_by_the_plans_of_its_mode(gateway: Gateway, mode: str) -> None:
    gateway.scripts.answer("SearchFormations", page("a", "b"))
    before = _completed()

    await gateway.ask('{ search(criteria: {romes: ["D1102"]}) { formations { edges { node { id } } } } }')

    used = {how for how, count in _completed().items() if count > before[how]}
    by_wire = {"compiled", "transcoded"} if wire.load() else {"compiled"}
    assert used == {"wire": by_wire, "plans": {"compiled"}, "plain": set()}[mode]
