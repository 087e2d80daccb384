from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.prediction.score import ALTERNANCE, REFERENCE, Curve

curves = st.sampled_from([REFERENCE, ALTERNANCE])
hirings = st.floats(0, 10_000)


@pytest.mark.parametrize(
    ("expected_hirings", "score"),
    [
        (0, 0),
        (4, 20),
        (10, 50),
        (30, 55),
        (50, 60),
        (75, 70),
        (100, 80),
        (109, 87),
        (499, 99),
        (500, 100),
        (9999, 100),
    ],
)
def test_reference_curve_gives_its_published_points(expected_hirings: float, score: int) -> None:
    assert REFERENCE.score(expected_hirings) == score


def test_half_points_are_rounded_up() -> None:
    assert REFERENCE.score(np.array([0.09, 0.1, 0.3])).tolist() == [0, 1, 2]


def test_negative_hirings_score_nothing() -> None:
    assert REFERENCE.score(-3.0) == 0


@given(curves, hirings, hirings)
def test_more_hirings_never_score_less(curve: Curve, some: float, others: float) -> None:
    low, high = sorted((some, others))

    assert curve.points(low) <= curve.points(high)


@given(curves, st.integers(0, 100))
def test_score_of_the_hirings_that_a_score_is_worth_is_that_score(curve: Curve, score: int) -> None:
    assert curve.score(curve.hirings(score)) == score


@given(curves, hirings)
def test_hirings_come_back_from_their_points(curve: Curve, expected: float) -> None:
    if expected < curve.s100:
        assert curve.hirings(curve.points(expected)) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(curves, hirings)
def test_points_stay_between_0_and_100(curve: Curve, expected: float) -> None:
    assert 0 <= curve.points(expected) <= 100


@given(curves, st.integers(0, 100), st.floats(0, 1))
def test_score_for_a_job_is_never_above_the_general_one(curve: Curve, score: int, affinity: float) -> None:
    assert 0 <= curve.score_for_job(score, affinity) <= score


def test_score_for_a_job_takes_its_share_of_the_hirings() -> None:
    # 50 points are 10 hirings; a tenth of them is 1, worth 5.
    assert REFERENCE.score_for_job(50, 0.1) == 5


@pytest.mark.parametrize("values", [(0, 1, 2, 3), (1, 1, 2, 3), (1, 3, 2, 4), (0.1, 0.2, 0.5, 3)])
def test_curve_without_an_inverse_is_refused(values: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="points must be"):
        Curve(*values)
