"""What the model reads: seven half-years of hirings and the headcount, and which half-years for which use.

Periods are counted backwards from the prediction: period 1 ends when the prediction begins. A set
is trained two years back and tested one year back, so that both are of the same season as what is
predicted, and no period that is to be guessed is ever among those that are read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

PAST_PERIODS = 7
TRAIN_BACK = 4
"""Half-years between the prediction and the one that training guesses: two years."""
TEST_BACK = 2
"""The same for the set kept apart: one year."""

FEATURE_NAMES = (*(f"embauches_periode_{back}" for back in range(PAST_PERIODS, 0, -1)), "effectif")
"""The inputs of the model, in order: hirings from the oldest period to the last, then the headcount."""

Floats = npt.NDArray[np.float64]

_EFFECTIF = {
    "00": 0, "01": 1, "02": 3, "03": 6, "11": 10, "12": 20, "21": 50, "22": 100, "31": 200,
    "32": 250, "41": 500, "42": 1000, "51": 2000, "52": 5000, "53": 10000,
}  # fmt: skip

TRANCHES = tuple(_EFFECTIF)
"""INSEE's codes of the bands of headcount."""


def effectif(tranche: str | None) -> int:
    """Lower bound of the band; 1 when it is unknown."""
    return _EFFECTIF.get(tranche or "", 1)


def read_features(history: npt.NDArray[np.int32], effectifs: Sequence[int] | Floats, back: int = 0) -> Floats:
    """What the model would have read `back` half-years before the prediction, a row for each employer."""
    end = history.shape[1] - back
    if end < PAST_PERIODS:
        raise ValueError(f"{history.shape[1]} periods of history are too few to go {back} back")
    past = history[:, end - PAST_PERIODS : end]
    return np.column_stack([past, effectifs]).astype(np.float64)


def read_target(history: npt.NDArray[np.int32], back: int) -> Floats:
    """The hirings that it would have had to guess: the period just after those of `read_features`."""
    if back < 1:
        raise ValueError("the hirings to come are not in the history")
    return history[:, history.shape[1] - back].astype(np.float64)
