from __future__ import annotations

import pytest

from services.prediction.affinity import Affinities

affinities = Affinities(
    ["1071C", "5610A", "9999Z"],
    {("D1102", "1071C"): 60, ("D1106", "1071C"): 40, ("D1106", "5610A"): 100, ("A1101", "0111Z"): 7},
)


def test_share_is_of_all_the_hirings_of_the_sector() -> None:
    assert affinities.shares("D1102").tolist() == [0.6, 0, 0]
    assert affinities.shares("D1106").tolist() == [0.4, 1, 0]


def test_best_share_is_taken_among_the_jobs() -> None:
    assert affinities.best_shares(["D1102", "D1106", "Z9999"]).tolist() == [0.6, 1, 0]


def test_unknown_job_has_no_share_anywhere() -> None:
    assert affinities.shares("Z9999").tolist() == [0, 0, 0]
    assert affinities.best_shares(["Z9999"]).tolist() == [0, 0, 0]
    assert affinities.overall_share("Z9999") == 0


def test_overall_share_is_of_all_sectors_together() -> None:
    assert affinities.overall_share("D1106") == pytest.approx(140 / 200)


def test_pair_without_hirings_is_refused() -> None:
    with pytest.raises(ValueError, match="0 hirings"):
        Affinities(["1071C"], {("D1102", "1071C"): 0})
