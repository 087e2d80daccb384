from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalogue.criteria import FormationSort
from services.catalogue.engine.tantivy.columns import Columns, MultiValueColumn, SingleValueColumn
from services.catalogue.engine.tantivy.order import FoundRows

MANY = 5_000


def found(seed: int, *, with_distances: bool, with_scores: bool) -> FoundRows:
    """More rows than the store sorts at once, with so few values that most of them tie."""
    rng = np.random.default_rng(seed)
    nothing = np.zeros(MANY, dtype=np.int32)
    columns = Columns(
        latitudes=np.zeros(MANY),
        longitudes=np.zeros(MANY),
        niveaux=nothing.astype(np.int8),
        mots=rng.integers(1, 5, MANY).astype(np.int32),
        first_months=rng.integers(202701, 202704, MANY).astype(np.int32),
        qualiopi=nothing.astype(np.bool_),
        diplomes=SingleValueColumn([], nothing),
        departements=SingleValueColumn([], nothing),
        domaines=MultiValueColumn([], np.zeros(MANY + 1, dtype=np.int64), nothing[:0]),
        mois=MultiValueColumn([], np.zeros(MANY + 1, dtype=np.int64), nothing[:0]),
    )
    rows = np.array(random.Random(seed).sample(range(MANY), MANY // 2), dtype=np.int64)
    distances = rng.choice([0.0, 1.5, np.inf], len(rows)) if with_distances else None
    scores = rng.integers(1, 3, len(rows)) if with_scores else None
    return FoundRows(columns, rows, scores, distances)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 9),
    st.booleans(),
    st.booleans(),
    st.sampled_from(FormationSort),
    st.sampled_from([0, 1, 20, 100, 3_000]),
)
def test_first_rows_are_those_of_the_whole_order(
    seed: int, with_distances: bool, with_scores: bool, sort: FormationSort, count: int
) -> None:
    search = found(seed, with_distances=with_distances, with_scores=with_scores)

    def key(place: int) -> tuple[float, ...]:
        row = search.rows[place]
        distance = 0.0 if search.distances is None else float(search.distances[place])
        if sort is FormationSort.START:
            return (search.columns.first_months[row], distance, row)
        if sort is FormationSort.RELEVANCE and search.scores is not None:
            return (-search.scores[place], search.columns.mots[row], distance, row)
        return (distance, row)

    assert search.first(sort, count) == sorted(range(len(search)), key=key)[:count]
