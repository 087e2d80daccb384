from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.relevance.score import ndcg, success

GRADES = st.lists(st.integers(0, 3), max_size=15)


def test_gain_of_a_row_is_divided_by_the_logarithm_of_its_rank() -> None:
    best = 7 + 3 / math.log2(3) + 1 / math.log2(4)

    assert ndcg([1, 3, 2], [3, 2, 1]) == pytest.approx((1 + 7 / math.log2(3) + 3 / math.log2(4)) / best)


def test_rows_after_the_depth_count_for_nothing() -> None:
    assert ndcg([0, 0, 3], [3], depth=2) == 0


def test_a_query_without_relevant_rows_is_no_success() -> None:
    assert ndcg([0, 0], [0, 0]) == 0
    assert not success([0, 0], best=0)


def test_success_asks_for_the_best_grade_among_the_first_three() -> None:
    assert success([0, 1, 3], best=3)
    assert success([2], best=2)
    assert not success([2, 2, 2, 3], best=3)
    assert not success([], best=3)


@given(GRADES)
def test_best_order_scores_one(grades: list[int]) -> None:
    best_first = sorted(grades, reverse=True)

    assert ndcg(best_first, grades) == pytest.approx(1.0 if any(grades) else 0.0)


@given(GRADES.flatmap(st.permutations))
def test_no_order_scores_more_than_the_best(grades: list[int]) -> None:
    assert 0 <= ndcg(grades, grades) <= 1 + 1e-9
