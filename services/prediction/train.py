"""Training the model: `python -m services.prediction.train --data DIR [--out FILE]`.

A model learns to guess the half-year of two years ago and is judged on the one of a year ago, which
it has not seen; both are of the season that is predicted. Candidates are compared by their mean
absolute error there, and the best is written as ONNX, with what it is in its metadata.

A boosting with Poisson loss (HistGradientBoostingRegressor) was tried too and is no candidate: its mean
error was 0.68 hirings where the regression has 0.44, and skl2onnx 1.20 cannot export it under numpy 2.
"""

from __future__ import annotations

import argparse
import hashlib
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
from services.prediction.model import Model
from services.prediction.table import Table

Floats = npt.NDArray[np.float64]

_FEWEST_EMPLOYERS = 50
_OPSET = 18
_TOLERANCE = 1e-4
_SHARES = tuple(range(10, 100, 10))


@dataclass(frozen=True)
class Performance:
    """How good guesses were on the set kept apart."""

    mean_absolute_error: float
    root_mean_square_error: float
    captured: tuple[float, ...]
    """Share of the hirings made by the 10 %, 20 %... 90 % of employers that were guessed to hire most."""


class NotEnoughData(Exception):
    """Too few employers to learn anything from."""


class ExportDiffers(Exception):
    """The exported model does not give the numbers of the trained one."""


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
    """Write the best model to `out`; gives the performance of every candidate."""
    sectors = read_sectors(data, console)
    employers, _ = read_employers(data, sectors.libelles, console)
    if len(employers) < _FEWEST_EMPLOYERS:
        raise NotEnoughData(f"{len(employers)} employers, {_FEWEST_EMPLOYERS} are needed")
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
        # More past hirings must never lower a score: hence no negative coefficient.
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
    guesses = {name: np.maximum(model.predict(inputs), 0) for name, model in candidates.items()}
    # What anyone would guess without a model: as many as in the same season a year before.
    guesses["the year before, again"] = inputs[:, FEATURE_NAMES.index("embauches_periode_2")]
    guesses["the mean for everyone"] = np.full(len(target), inputs[:, :-1].mean())
    return {name: measure(guess, target) for name, guess in guesses.items()}


def measure(guess: Floats, target: Floats) -> Performance:
    errors = guess - target
    ranked = np.cumsum(target[np.argsort(-guess, kind="stable")])
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
        "version": hashlib.sha256(exported.SerializeToString(deterministic=True)).hexdigest()[:12],
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
        "Les embauches sont simulées : aucune donnée ouverte ne les donne par établissement."
    )


def card_lines(path: Path) -> str:
    """For people: what the model in a file says of itself."""
    card = Model(path).card
    return (
        f"{path}: version {card.version}, trained {card.trained_le}\n"
        f"  reads {', '.join(card.features)}\n"
        f"  mean error: {card.mean_absolute_error:.3f} hirings\n"
        f"  {card.description}"
    )


def performance_grid(performances: Mapping[str, Performance]) -> Grid:
    """For people: one row for each candidate and naive guess."""
    grid = Grid("guess", "MAE", "RMSE", *(f"top {share} %" for share in _SHARES))
    for name, each in performances.items():
        errors = (each.mean_absolute_error, each.root_mean_square_error)
        captured = (f"{share:.1%}" for share in each.captured)
        grid.add_row(name, *(f"{error:.3f}" for error in errors), *captured)
    return grid


if __name__ == "__main__":
    main()
