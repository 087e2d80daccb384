from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.prediction import model as model_file
from services.prediction.features import FEATURE_NAMES
from services.prediction.model import BadModel, Model
from tests.support.damage import DAMAGES

INPUTS = np.array(
    [
        [0, 0, 0, 0, 0, 0, 0, 1],
        [0, 1, 0, 1, 0, 1, 0, 3],
        [2, 0, 1, 3, 1, 4, 2, 20],
        [10, 40, 12, 45, 15, 50, 18, 500],
        [0.5, 0, 0, 0, 0, 0, 0, 0],
    ],
    dtype=np.float64,
)


def test_shipped_model_gives_the_recorded_hirings(model: Model) -> None:
    assert model.predict(INPUTS).tolist() == pytest.approx(
        [0.01906, 0.77559, 4.41799, 54.94875, 0.08623], abs=1e-4
    )


def test_shipped_model_says_what_it_is(model: Model) -> None:
    card = model.card

    assert card.features == FEATURE_NAMES
    assert "simulées" in card.description
    assert 0 < card.mean_absolute_error < 1
    assert card.version


def test_predictions_are_finite_and_never_negative_however_large_the_inputs(model: Model) -> None:
    predicted = model.predict(np.array([[1e300] * 8, [0.0] * 8]))

    assert np.isfinite(predicted).all()
    assert (predicted >= 0).all()


def test_no_row_gives_no_prediction(model: Model) -> None:
    assert model.predict(np.zeros((0, 8))).tolist() == []


def test_shipped_model_is_small() -> None:
    assert Path(model_file.__file__).with_name("model.onnx").stat().st_size < 300_000


def test_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match=r"absent\.onnx: no such file"):
        Model(tmp_path / "absent.onnx")


def test_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("bonjour")

    with pytest.raises(BadModel, match="not an ONNX model"):
        Model(tmp_path / "text.onnx")


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_model_is_named_with_what_mends_it(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(Path(model_file.__file__).with_name("model.onnx").read_bytes())
    DAMAGES[damage](path)

    with pytest.raises(BadModel) as raised:
        Model(path)

    assert str(raised.value).startswith(f"{path}: ")
    assert str(raised.value).endswith("train one with python -m services.prediction.train --data DIR")
    assert "\n" not in str(raised.value)


def test_any_changed_byte_of_the_model_is_seen(tmp_path: Path) -> None:
    """Those of its description alone change nothing that is predicted."""
    path = tmp_path / "model.onnx"
    content = Path(model_file.__file__).with_name("model.onnx").read_bytes()
    first_of_metadata = content.index(b"version") - 4

    for place in range(first_of_metadata):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(BadModel):
            Model(path)
