"""Trains the model: `python -m services.prediction.train --data DIR [--out FILE]`.

Models are trained to predict the half-year of two years ago, and tested on that of one year ago, which
they have not seen. Both have the season of the real prediction. The model with the lowest mean absolute
error in the test is written as ONNX, with a description in its metadata.

Gradient boosting with a Poisson loss (HistGradientBoostingRegressor) is not a candidate: its mean absolute
error was 0.68 hirings against 0.44 for the regression, and skl2onnx 1.20 can't export it under numpy 2.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table as Grid
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression

from services.common.report import ImportConsole
from services.common.table import BadFile
from services.prediction.employers import read_employers, read_sectors
from services.prediction.features import FEATURE_NAMES, TEST_BACK, TRAIN_BACK, read_features, read_target
from services.prediction.hirings import PREDICTED_FROM
from services.prediction.load import build_table
from services.prediction.model import Model, version_of
from services.prediction.table import Table

Floats = npt.NDArray[np.float64]

_MIN_EMPLOYERS = 50
_OPSET = 18
_TOLERANCE = 1e-4
_SHARES = tuple(range(10, 100, 10))


@dataclass(frozen=True)
class Performance:
    """The errors of a model's predictions on the test set."""

    mean_absolute_error: float
    root_mean_square_error: float
    captured: tuple[float, ...]
    """The share of all hirings made by the 10 %, 20 %... 90 % of employers with the highest predictions."""


class NotEnoughData(Exception):
    """There are too few employers to train a model."""


class ExportDiffers(Exception):
    """The exported model and the trained model give different predictions."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m services.prediction.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the open data files")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("model.onnx"))
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    try:
        performances = train(options.data, options.out, ImportConsole())
    except (BadFile, NotEnoughData, ExportDiffers) as error:
        sys.exit(f"prediction: no model was written: {error}")
    console.print(performance_grid(performances))
    console.print(card_lines(options.out))


def train(data: Path, out: Path, console: ImportConsole) -> dict[str, Performance]:
    """Write the best model to `out`; returns the performance of each candidate and of two baselines."""
    sectors = read_sectors(data, console)
    employers, _ = read_employers(data, sectors.libelles, console)
    if len(employers) < _MIN_EMPLOYERS:
        raise NotEnoughData(f"{len(employers)} employers, {_MIN_EMPLOYERS} are needed")
    table = build_table(employers, sectors, fictive=False)
    inputs, target = (
        read_features(table.history, table.effectif, TRAIN_BACK),
        read_target(table.history, TRAIN_BACK),
    )
    candidates = {name: model.fit(inputs, target) for name, model in _candidates().items()}
    performances = _compare(candidates, table)
    best = min(candidates, key=lambda name: performances[name].mean_absolute_error)
    _export(best, candidates[best], performances[best], table, out)
    return performances


def _candidates() -> dict[str, Any]:
    return {
        # Coefficients may not be negative, because more past hirings must not lower a score.
        "linear regression": LinearRegression(positive=True),
        "gradient boosting": GradientBoostingRegressor(
            n_estimators=80, max_depth=3, min_samples_leaf=20, random_state=0
        ),
    }


def _compare(candidates: Mapping[str, Any], table: Table) -> dict[str, Performance]:
    inputs, target = (
        read_features(table.history, table.effectif, TEST_BACK),
        read_target(table.history, TEST_BACK),
    )
    predictions = {name: np.maximum(model.predict(inputs), 0) for name, model in candidates.items()}
    # Two baselines without a model: the hirings of the same season one year before, and the mean.
    predictions["the year before, again"] = inputs[:, FEATURE_NAMES.index("embauches_periode_2")]
    predictions["the mean for everyone"] = np.full(len(target), inputs[:, :-1].mean())
    return {name: measure(prediction, target) for name, prediction in predictions.items()}


def measure(predicted: Floats, target: Floats) -> Performance:
    errors = predicted - target
    ranked = np.cumsum(target[np.argsort(-predicted, kind="stable")])
    ends = [max(1, len(target) * share // 100) - 1 for share in _SHARES]
    return Performance(
        mean_absolute_error=float(np.abs(errors).mean()),
        root_mean_square_error=float(np.sqrt((errors**2).mean())),
        captured=tuple(float(ranked[end] / max(1.0, ranked[-1])) for end in ends),
    )


def _export(name: str, model: Any, performance: Performance, table: Table, out: Path) -> None:
    inputs = table.features()
    exported = to_onnx(model, inputs[:1].astype(np.float32), target_opset=_OPSET, name="embauches")
    card = {
        "version": version_of(exported.SerializeToString(deterministic=True)),
        "trained_le": datetime.now(UTC).isoformat(timespec="seconds"),
        "features": ",".join(FEATURE_NAMES),
        "mean_absolute_error": repr(performance.mean_absolute_error),
        "description": _describe(name, len(table)),
    }
    for key, value in card.items():
        exported.metadata_props.add(key=key, value=value)
    unchecked = out.with_name(out.name + ".unchecked")
    unchecked.write_bytes(exported.SerializeToString(deterministic=True))
    try:
        expected = np.maximum(model.predict(inputs), 0)
        gap = np.abs(Model(unchecked).predict(inputs) - expected) / np.maximum(1, expected)
        if gap.max() > _TOLERANCE:
            raise ExportDiffers(f"relative difference of {gap.max():.2g} between scikit-learn and ONNX")
        unchecked.replace(out)
    finally:
        unchecked.unlink(missing_ok=True)


def _describe(name: str, employers: int) -> str:
    kinds = {"linear regression": "Régression linéaire", "gradient boosting": "Arbres de régression"}
    return (
        f"{kinds[name]} des embauches d'apprentis du semestre qui commence le {PREDICTED_FROM:%d/%m/%Y}, "
        f"sur celles des sept semestres passés et l'effectif, entraînée sur {employers} établissements. "
        "Les embauches sont simulées : aucune donnée ouverte ne les donne par établissement."
    )


def card_lines(path: Path) -> str:
    """The metadata of a model file, as text for the terminal."""
    card = Model(path).card
    return (
        f"{path}: version {card.version}, trained {card.trained_le}\n"
        f"  reads {', '.join(card.features)}\n"
        f"  mean error: {card.mean_absolute_error:.3f} hirings\n"
        f"  {card.description}"
    )


def performance_grid(performances: Mapping[str, Performance]) -> Grid:
    """A table for the terminal, with one row for each candidate and each baseline."""
    grid = Grid("guess", "MAE", "RMSE", *(f"top {share} %" for share in _SHARES))
    for name, each in performances.items():
        errors = (each.mean_absolute_error, each.root_mean_square_error)
        captured = (f"{share:.1%}" for share in each.captured)
        grid.add_row(name, *(f"{error:.3f}" for error in errors), *captured)
    return grid


if __name__ == "__main__":
    main()
