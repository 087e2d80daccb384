"""Positions that no row ever had: any client can forge a cursor."""

from __future__ import annotations

import pytest

from services.catalogue.criteria import (
    Alternative,
    FormationCriteria,
    FormationSort,
    PageWanted,
    Position,
    TextQuery,
)
from services.france.geo import Point, Zone
from tests.services.catalogue.conftest import StoreOf
from tests.support.catalogue.small_france import formation

PARIS = Point(48.8566, 2.3522)
BOULANGER = TextQuery(((Alternative("boulang", 8),),))
LOWEST = Position(0, 0, 0, -1e308, "", "")
HIGHEST = Position(2**63 - 1, 2**63 - 1, 2**63 - 1, 1e308, "\U0010ffff" * 900, "\U0010ffff" * 900)
NOWHERE = Position(0, 0, 0, None, "\x00", "\x00")


@pytest.mark.parametrize("sort", FormationSort)
@pytest.mark.parametrize("zone", [Zone(), Zone(PARIS), Zone(PARIS, 30)])
async def test_a_position_that_no_row_has_is_searched_after(
    store_of: StoreOf, zone: Zone, sort: FormationSort
) -> None:
    store = await store_of([formation("a"), formation("b")])
    criteria = FormationCriteria(zone=zone, texte=BOULANGER)

    for position in (LOWEST, HIGHEST, NOWHERE):
        page = await store.search(criteria, PageWanted(10, position, sort))

        assert page.total == 2
        assert {row.formation.id for row in page.rows} <= {"a", "b"}
