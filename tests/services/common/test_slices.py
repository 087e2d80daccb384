from __future__ import annotations

import time

import pytest

from services.common.slices import SLICE_ROWS, in_slices


@pytest.mark.parametrize(
    ("rows", "pauses"), [(0, 0), (SLICE_ROWS - 1, 0), (SLICE_ROWS, 1), (5 * SLICE_ROWS, 5)]
)
def test_pauses_after_each_slice(monkeypatch: pytest.MonkeyPatch, rows: int, pauses: int) -> None:
    paused: list[float] = []
    monkeypatch.setattr(time, "sleep", paused.append)

    assert list(in_slices(range(rows))) == list(range(rows))

    assert len(paused) == pauses
    assert all(0 < pause < 0.005 for pause in paused)
