from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.prediction.features import (
    FEATURE_NAMES,
    PAST_PERIODS,
    TEST_BACK,
    TRAIN_BACK,
    effectif,
    read_features,
    read_target,
)

# The count of each period is its number, backwards from the prediction.
PERIODS = np.array([range(11, 0, -1)], dtype=np.int32)


@pytest.mark.parametrize(
    ("back", "read", "guessed"),
    [(TRAIN_BACK, [11, 10, 9, 8, 7, 6, 5], 4), (TEST_BACK, [9, 8, 7, 6, 5, 4, 3], 2)],
)
def test_sets_read_and_guess_the_periods_of_the_reference(back: int, read: list[int], guessed: int) -> None:
    assert read_features(PERIODS, [20], back).tolist() == [[*read, 20]]
    assert read_target(PERIODS, back).tolist() == [guessed]


def test_prediction_reads_the_last_seven_periods() -> None:
    assert read_features(PERIODS, [20]).tolist() == [[7, 6, 5, 4, 3, 2, 1, 20]]


@given(st.integers(1, TRAIN_BACK))
def test_no_period_that_is_guessed_is_read(back: int) -> None:
    read = set(read_features(PERIODS, [0], back)[0, :PAST_PERIODS].tolist())
    guessed = read_target(PERIODS, back)[0]

    assert guessed not in read
    assert min(read) > guessed


def test_training_never_saw_what_the_test_guesses() -> None:
    seen = {
        *read_features(PERIODS, [0], TRAIN_BACK)[0, :PAST_PERIODS].tolist(),
        *read_target(PERIODS, TRAIN_BACK),
    }

    assert read_target(PERIODS, TEST_BACK)[0] not in seen


def test_too_short_a_history_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        read_features(PERIODS[:, :8], [0], back=2)


def test_hirings_to_come_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="not in the history"):
        read_target(PERIODS, 0)


@pytest.mark.parametrize(
    ("tranche", "expected"),
    [("00", 0), ("01", 1), ("03", 6), ("31", 200), ("53", 10000), ("NN", 1), (None, 1)],
)
def test_effectif_is_the_lower_bound_of_the_band(tranche: str | None, expected: int) -> None:
    assert effectif(tranche) == expected


def test_inputs_are_named_in_the_order_of_the_columns() -> None:
    assert len(FEATURE_NAMES) == read_features(PERIODS, [20]).shape[1]
    assert FEATURE_NAMES[0] == "embauches_periode_7"
    assert FEATURE_NAMES[-2:] == ("embauches_periode_1", "effectif")
