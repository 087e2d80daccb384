"""Which searches of the embedded engine the event loop waits for."""

from __future__ import annotations

import pytest

from services.catalogue.criteria import EXACT, Alternative, FormationCriteria, PageWanted, TextQuery
from services.catalogue.engine.tantivy.store import TantivyFormationStore
from services.france.geo import Zone
from tests.services.catalogue.conftest import StoreOf
from tests.support.catalogue.small_france import formation
from tests.support.work import called_on_this_thread

SEARCH, READ = "TantivyFormationStore._search", "TantivyFormationStore._by_ids"


def text_of(words: int) -> TextQuery:
    return TextQuery(
        tuple((Alternative(f"word{number}", EXACT),) for number in range(words)), match_all=False
    )


@pytest.fixture
async def store(tantivy_store_of: StoreOf) -> TantivyFormationStore:
    opened = await tantivy_store_of([formation(f"{number}") for number in range(3)])
    assert isinstance(opened, TantivyFormationStore)
    return opened


@pytest.mark.parametrize(
    ("first", "texte", "is_in_loop"),
    [
        (20, None, True),
        (50, text_of(20), True),
        (51, None, False),
        (100, text_of(2), False),
        (20, text_of(21), False),
    ],
)
async def test_only_short_searches_run_on_the_event_loop(
    store: TantivyFormationStore, first: int, texte: TextQuery | None, is_in_loop: bool
) -> None:
    with called_on_this_thread() as called:
        page = await store.search(FormationCriteria(zone=Zone(), texte=texte), PageWanted(first))

    assert page.total == (0 if texte else 3)
    assert (SEARCH in called) is is_in_loop


@pytest.mark.parametrize(("count", "is_in_loop"), [(0, True), (50, True), (51, False)])
async def test_only_few_trainings_are_read_on_the_event_loop(
    store: TantivyFormationStore, count: int, is_in_loop: bool
) -> None:
    with called_on_this_thread() as called:
        found = await store.by_ids([f"{number}" for number in range(count)])

    assert len(found) == min(count, 3)
    assert (READ in called) is is_in_loop
