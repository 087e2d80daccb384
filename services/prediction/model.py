"""Loads and runs the trained model; the only file that imports onnxruntime."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidGraph, InvalidProtobuf

Floats = npt.NDArray[np.float64]

_LARGEST = 1e9
"""Inputs are clipped to it, because the model computes in single precision, which overflows near 3e38."""


@dataclass(frozen=True)
class ModelCard:
    """The metadata in the file of a model."""

    version: str
    trained_le: str
    features: tuple[str, ...]
    description: str
    mean_absolute_error: float


class BadModel(Exception):
    """The file is missing, is not an ONNX model, or was not written by `train`."""


class Model:
    """Predicts the hirings of six months from the inputs of `features.py`. Raises BadModel."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        # The model is so small that more threads would make it slower.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        if not path.is_file():
            raise BadModel(f"{path}: no such file")
        try:
            self._session = onnxruntime.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf) as error:
            raise BadModel(f"{path}: not an ONNX model ({error})") from error
        self._input = self._session.get_inputs()[0].name
        self.card = self._read_card(path)

    def _read_card(self, path: Path) -> ModelCard:
        written = self._session.get_modelmeta().custom_metadata_map
        try:
            return ModelCard(
                version=written["version"],
                trained_le=written["trained_le"],
                features=tuple(written["features"].split(",")),
                description=written["description"],
                mean_absolute_error=float(written["mean_absolute_error"]),
            )
        except KeyError as missing:
            raise BadModel(f"{path}: its metadata lacks {missing}") from None

    def predict(self, features: Floats) -> Floats:
        """The expected hirings for each row of features, 0 or more."""
        if not len(features):
            return np.zeros(0)
        inputs = np.clip(features, 0, _LARGEST).astype(np.float32)
        (output,) = self._session.run(None, {self._input: inputs})
        return np.maximum(np.asarray(output, dtype=np.float64).ravel(), 0.0)
