"""Writes dataclasses of columns as JSON values, and reads them back in a few copies of memory."""

from __future__ import annotations

import base64
from dataclasses import fields
from typing import Any

import numpy as np

_SEPARATOR = "\n"


def pack(columns: Any) -> dict[str, Any]:
    """The fields of a dataclass: arrays, lists of texts, whole numbers and dataclasses of these.

    The texts have no line breaks.
    """
    return {field.name: _packed(getattr(columns, field.name)) for field in fields(columns)}


def _packed(value: Any) -> Any:
    match value:
        case np.ndarray():
            return {"dtype": value.dtype.str, "base64": base64.b64encode(value.tobytes()).decode()}
        case list():
            return {"count": len(value), "texts": _SEPARATOR.join(value)}
        case int():
            return value
        case _:
            return pack(value)


def unpack(packed: dict[str, Any]) -> dict[str, Any]:
    """The fields that `pack` wrote, for the constructor; a dataclass within is a dictionary of its fields."""
    return {name: _unpacked(value) for name, value in packed.items()}


def _unpacked(value: Any) -> Any:
    match value:
        case {"dtype": str(dtype), "base64": str(content)}:
            return np.frombuffer(base64.b64decode(content), dtype=np.dtype(dtype))
        case {"count": count, "texts": str(texts)}:
            return texts.split(_SEPARATOR) if count else []
        case dict():
            return unpack(value)
        case _:
            return value
