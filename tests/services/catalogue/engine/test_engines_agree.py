"""Both engines give the same answers on all of the real trainings."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.catalogue.criteria import (
    EXACT,
    FUZZY,
    Alternative,
    FormationCriteria,
    FormationSort,
    PageWanted,
    Position,
    TextQuery,
)
from services.catalogue.importing.destination import Edition
from services.catalogue.live import FormationStore
from services.france.geo import Point, Zone
from tests.support.catalogue.real_engines import Engine, Response
from tests.support.catalogue.real_searches import Request, searches_of

PAGES = 3
PAGE = 5_000
PARIS, AJACCIO, PAPEETE = Point(48.8566, 2.3522), Point(41.92, 8.74), Point(-17.53, -149.56)
Both = tuple[Engine, Engine]
ANY_CAP_OR_BTS = TextQuery(((Alternative("cap", EXACT),), (Alternative("bts", FUZZY),)), match_all=False)


@pytest.fixture(scope="module")
def both(real_tantivy: Engine, real_elasticsearch: Engine) -> Both:
    return real_tantivy, real_elasticsearch


@pytest.fixture(scope="module")
def real_searches(real_edition: Edition) -> st.SearchStrategy[Request]:
    return searches_of(real_edition)


@settings(
    deadline=None,
    max_examples=250,
    # Shrinking a failure takes minutes against a server.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    # The served data does not change between examples.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_every_search_is_answered_alike_page_after_page(
    both: Both,
    real_searches: st.SearchStrategy[Request],
    data: st.DataObject,
) -> None:
    ours = data.draw(real_searches)
    theirs = Request()
    theirs.CopyFrom(ours)

    for _ in range(PAGES):
        answers = await both[0].search(ours), await both[1].search(theirs)
        assert without_cursors(answers[0]) == without_cursors(answers[1])
        if not answers[0].has_next_page:
            break
        ours.after, theirs.after = (answer.edges[-1].cursor for answer in answers)


def without_cursors(answer: Response) -> Response:
    """The page without its cursors, whose distances may differ between engines in the last bit."""
    bare = Response()
    bare.CopyFrom(answer)
    for edge in bare.edges:
        edge.cursor = ""
    return bare


@pytest.mark.parametrize(
    ("origin", "texte", "sort"),
    [
        (None, None, FormationSort.DISTANCE),
        (PARIS, None, FormationSort.DISTANCE),
        (PAPEETE, None, FormationSort.DISTANCE),
        (AJACCIO, None, FormationSort.START),
        (PARIS, ANY_CAP_OR_BTS, FormationSort.RELEVANCE),
    ],
)
async def test_every_training_is_in_the_same_place_of_the_whole_order(
    both: Both,
    origin: Point | None,
    texte: TextQuery | None,
    sort: FormationSort,
) -> None:
    criteria = FormationCriteria(zone=Zone(origin), texte=texte)

    ours, theirs = [await whole_order(each.store, criteria, sort) for each in both]

    assert len(set(ours)) == len(ours) > (13_000 if texte is None else 4_000)
    assert ours == theirs


async def whole_order(store: FormationStore, criteria: FormationCriteria, sort: FormationSort) -> list[str]:
    ids: list[str] = []
    after: Position | None = None
    while True:
        page = await store.search(criteria, PageWanted(PAGE, after, sort))
        ids += [row.formation.id for row in page.rows]
        if not page.has_next:
            return ids
        after = page.rows[-1].position
