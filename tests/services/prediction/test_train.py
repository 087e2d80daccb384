from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from services.common.report import ImportConsole
from services.prediction.features import FEATURE_NAMES
from services.prediction.model import Model
from services.prediction.ranking import Ranking
from services.prediction.train import NotEnoughData, main, measure, performance_grid, train
from tests.support.prediction.small_france import employer, write_data


def test_trained_model_is_served_with_its_card(data: Path, tmp_path: Path, quiet: ImportConsole) -> None:
    performances = train(data, tmp_path / "model.onnx", quiet)

    card = Model(tmp_path / "model.onnx").card
    trained = (performances["linear regression"], performances["gradient boosting"])
    assert card.features == FEATURE_NAMES
    assert card.mean_absolute_error == min(each.mean_absolute_error for each in trained)
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_same_data_gives_the_same_predictions(
    data: Path, tmp_path: Path, quiet: ImportConsole, ranking: Ranking
) -> None:
    for name in ("one", "other"):
        train(data, tmp_path / name, quiet)

    one, other = Model(tmp_path / "one"), Model(tmp_path / "other")
    features = ranking.table.features()
    assert one.predict(features).tolist() == other.predict(features).tolist()
    assert one.card.version == other.card.version


def test_model_does_better_than_the_mean(data: Path, tmp_path: Path, quiet: ImportConsole) -> None:
    performances = train(data, tmp_path / "model.onnx", quiet)

    naive = performances["the mean for everyone"]
    assert performances["linear regression"].mean_absolute_error < naive.mean_absolute_error
    assert performances["linear regression"].captured[1] > 0.5


def test_too_few_employers_are_refused_and_nothing_is_written(tmp_path: Path, quiet: ImportConsole) -> None:
    few = write_data(tmp_path / "data", map(employer, range(1, 40)))

    with pytest.raises(NotEnoughData, match="39 employers, 50 are needed"):
        train(few, tmp_path / "model.onnx", quiet)

    assert not (tmp_path / "model.onnx").exists()


def test_share_captured_counts_the_hirings_of_those_guessed_first() -> None:
    target = np.array([6.0, 3.0, 1.0, 0, 0, 0, 0, 0, 0, 0])
    guess = target[::-1].cumsum()[::-1]

    performance = measure(guess, target)

    assert performance.captured[:3] == pytest.approx((0.6, 0.9, 1.0))
    assert performance.mean_absolute_error == pytest.approx(np.abs(guess - target).mean())


def test_table_has_a_row_for_each_guess(data: Path, tmp_path: Path, quiet: ImportConsole) -> None:
    out = io.StringIO()

    Console(file=out, width=200).print(performance_grid(train(data, tmp_path / "model.onnx", quiet)))

    assert "linear regression" in out.getvalue()
    assert "top 90 %" in out.getvalue()


def test_command_says_what_the_model_is(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model.onnx"

    main(["--data", str(data), "--out", str(out)])

    said, card = capsys.readouterr().out.replace("\n", " "), Model(out).card
    assert f"version {card.version}" in said
    assert f"mean error: {card.mean_absolute_error:.3f} hirings" in said
    assert all(name in said for name in card.features)


def test_command_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"no model was written: .*naf\.csv"):
        main(["--data", str(tmp_path), "--out", str(tmp_path / "model.onnx")])
