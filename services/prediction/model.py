"""Loads and runs the trained model; the only file that imports onnxruntime."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    RuntimeException,
)
from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as Unsupported

Floats = npt.NDArray[np.float64]

_REFUSALS = (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, RuntimeException, Unsupported, ValueError)

_MENDING = (
    "take the file of the release again, or train one with python -m services.prediction.train --data DIR"
)

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
    """The file is missing or damaged, is not an ONNX model, or was not written by `train`."""


class Model:
    """Predicts the hirings of six months from the inputs of `features.py`. Raises BadModel."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        # The model is so small that more threads would make it slower.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        content = _read(path)
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except _REFUSALS as error:
            reason = str(error).partition("\n")[0]
            raise BadModel(f"{path}: not an ONNX model ({reason}); {_MENDING}") from error
        self._input = self._session.get_inputs()[0].name
        self.card = self._read_card(path)
        _check_version(path, content, self._session.get_modelmeta().custom_metadata_map)

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
            raise BadModel(f"{path}: its metadata lacks {missing}; {_MENDING}") from None
        except ValueError as error:
            raise BadModel(f"{path}: its metadata is damaged ({error}); {_MENDING}") from None

    def predict(self, features: Floats) -> Floats:
        """The expected hirings for each row of features, 0 or more."""
        if not len(features):
            return np.zeros(0)
        inputs = np.clip(features, 0, _LARGEST).astype(np.float32)
        (output,) = self._session.run(None, {self._input: inputs})
        return np.maximum(np.asarray(output, dtype=np.float64).ravel(), 0.0)


def version_of(content: bytes) -> str:
    """The version of a model: a digest of its serialisation without metadata."""
    return hashlib.sha256(content).hexdigest()[:12]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadModel(f"{path}: no such file; {_MENDING}") from None
    except OSError as error:
        raise BadModel(f"{path}: {error.strerror}; {_MENDING}") from error


def _check_version(path: Path, content: bytes, metadata: Mapping[str, str]) -> None:
    """A changed byte of the model leaves a model that predicts something else.

    Protobuf writes fields in the order of their numbers, and `train` writes none after the metadata (14):
    https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
    """
    end = len(content) - sum(_entry_bytes(name.encode(), value.encode()) for name, value in metadata.items())
    if version_of(content[: max(0, end)]) != metadata["version"]:
        raise BadModel(f"{path}: its content is not that of version {metadata['version']}; {_MENDING}")


def _entry_bytes(name: bytes, value: bytes) -> int:
    """The size of one entry of the metadata: a field of two fields, each with a tag and its length."""
    inner = sum(1 + _length_bytes(len(each)) + len(each) for each in (name, value))
    return 1 + _length_bytes(inner) + inner


def _length_bytes(length: int) -> int:
    return max(1, (length.bit_length() + 6) // 7)
