"""The inputs of the model: the hirings of seven half-years and the headcount.

Periods are numbered backwards from the prediction: period 1 ends when the prediction begins. The model
is trained on the prediction of two years ago and tested on that of one year ago. Both have the season
of the real prediction, and the inputs never contain the period to predict.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

PAST_PERIODS = 7
TRAIN_BACK = 4
"""Half-years between the prediction and the period that the model is trained on: two years."""
TEST_BACK = 2
"""Half-years between the prediction and the period that the model is tested on: one year."""

FEATURE_NAMES = (*(f"embauches_periode_{back}" for back in range(PAST_PERIODS, 0, -1)), "effectif")
"""The inputs of the model, in order: hirings from the oldest period to the last, then the headcount."""

Floats = npt.NDArray[np.float64]

_EFFECTIF = {
    "00": 0, "01": 1, "02": 3, "03": 6, "11": 10, "12": 20, "21": 50, "22": 100, "31": 200,
    "32": 250, "41": 500, "42": 1000, "51": 2000, "52": 5000, "53": 10000,
}  # fmt: skip

TRANCHES = tuple(_EFFECTIF)
"""INSEE's codes of the headcount brackets (tranche d'effectif)."""


def effectif(tranche: str | None) -> int:
    """The lower bound of the bracket; 1 when the code is unknown."""
    return _EFFECTIF.get(tranche or "", 1)


def read_features(history: npt.NDArray[np.int32], effectifs: Sequence[int] | Floats, back: int = 0) -> Floats:
    """The inputs of the model `back` half-years before the prediction, one row per employer.

    `history` has one row per employer and one column per half-year, oldest first. Raises ValueError when
    it is too short.
    """
    end = history.shape[1] - back
    if end < PAST_PERIODS:
        raise ValueError(f"{history.shape[1]} periods of history are too few to go {back} back")
    past = history[:, end - PAST_PERIODS : end]
    return np.column_stack([past, effectifs]).astype(np.float64)


def read_target(history: npt.NDArray[np.int32], back: int) -> Floats:
    """The hirings to predict: those of the period just after the ones of `read_features`."""
    if back < 1:
        raise ValueError("the hirings to come are not in the history")
    return history[:, history.shape[1] - back].astype(np.float64)
